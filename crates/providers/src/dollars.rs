//! Prices as vendors write them.

use model::money::Cents;

/// A price in dollars as whole cents, rounded up; `None` when it is none, or below nothing. No float comes near it: the
/// number is read as it was written, with at most one point and no exponent.
pub(crate) fn cents(dollars: &str) -> Option<Cents> {
    let (whole, part) = dollars.split_once('.').unwrap_or((dollars, ""));
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let (kept, rest) = part.split_at(part.len().min(2));
    let kept: Cents = format!("{kept:0<2}").parse().ok()?;
    let more = Cents::from(rest.bytes().any(|digit| digit != b'0'));
    whole.parse::<Cents>().ok()?.checked_mul(100)?.checked_add(kept + more)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dollars_are_read_to_the_cent() {
        for (text, told) in [
            ("20.0", Some(2_000)),
            ("14.5", Some(1_450)),
            ("0.07", Some(7)),
            ("1099999.99", Some(109_999_999)),
            ("14.501", Some(1_451)),
            ("15", Some(1_500)),
            ("0", Some(0)),
            ("", None),
            (".5", None),
            ("-1", None),
            ("1e30", None),
            ("1,000.00", None),
            ("1.2.3", None),
            ("18446744073709551615", None),
        ] {
            assert_eq!(cents(text), told, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_price_is_what_it_says(price in 0..100_000_000_i64) {
            prop_assert_eq!(cents(&format!("{}.{:02}", price / 100, price % 100)), Some(price));
        }
    }
}
