//! What DNSimple sends.

use model::clock::Time;
use model::money::Cents;
use serde::Deserialize;

/// Its envelope.
#[derive(Debug, Deserialize)]
pub(super) struct Data<T> {
    pub(super) data: T,
}

/// A piece of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) pagination: Pagination,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pagination {
    pub(super) total_pages: u64,
}

/// Whether a name can be had.
#[derive(Debug, Deserialize)]
pub(super) struct Check {
    pub(super) available: bool,
    pub(super) premium: bool,
}

/// What a year of a name costs.
#[derive(Debug, Deserialize)]
pub(super) struct Prices {
    pub(super) premium: bool,
    pub(super) registration_price: serde_json::Number,
    pub(super) renewal_price: serde_json::Number,
}

/// A name in the account.
#[derive(Debug, Deserialize)]
pub(super) struct Domain {
    pub(super) id: Option<u64>,
    /// `hosted`, `registered` or `expired`.
    pub(super) state: String,
    pub(super) registrant_id: Option<i64>,
    pub(super) auto_renew: bool,
    pub(super) expires_at: Option<Time>,
}

/// A name in a list of the account's.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) domain: Domain,
}

/// As whom a token is known.
#[derive(Debug, Deserialize)]
pub(super) struct WhoAmI {
    pub(super) account: Option<Known>,
}

/// An account, by the address of its owner.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) id: u64,
    pub(super) email: String,
}

/// What the account has of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// The name, until then.
    Registered(Time),
    /// An order for it that the registry has not confirmed.
    Ordered,
    /// Its zone alone.
    Hosted,
}

impl Domain {
    /// What the account has of it; `None` when it cannot be told.
    pub(super) fn holding(&self) -> Option<Holding> {
        match (self.state.as_str(), self.expires_at, self.registrant_id) {
            ("registered" | "expired", Some(expires), _) => Some(Holding::Registered(expires)),
            // A zone alone is for nobody.
            ("hosted", None, Some(_)) => Some(Holding::Ordered),
            ("hosted", None, None) => Some(Holding::Hosted),
            _ => None,
        }
    }
}

/// An order for a name.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    /// `new`, `registering`, `registered`, …; of renewals `renewing`, `renewed`, ….
    pub(super) state: String,
}

impl Order {
    /// Whether it has come to nothing.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "cancelled" | "cancelling")
    }
}

/// A zone.
#[derive(Debug, Deserialize)]
pub(super) struct Zone {
    /// Whether it is served; older answers do not say it, and meant that it is.
    #[serde(default = "served")]
    pub(super) active: bool,
}

const fn served() -> bool {
    true
}

/// A record.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Record {
    pub(super) id: u64,
    /// Below the zone; empty for the zone itself.
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) rtype: String,
    pub(super) content: String,
    pub(super) ttl: u32,
    pub(super) priority: Option<u32>,
    /// The vendor's own, which nobody changes.
    pub(super) system_record: bool,
}

/// A price in dollars as whole cents, rounded up; `None` when it is none. No float comes near it: the number is read as it
/// was written.
pub(super) fn cents(dollars: &serde_json::Number) -> Option<Cents> {
    let text = dollars.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
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

    fn read(text: &str) -> Option<Cents> {
        cents(&serde_json::from_str(text).unwrap())
    }

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
            ("-1", None),
            ("1e30", None),
            ("18446744073709551615", None),
        ] {
            assert_eq!(read(text), told, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_price_is_what_it_says(cents in 0..100_000_000_i64) {
            prop_assert_eq!(read(&format!("{}.{:02}", cents / 100, cents % 100)), Some(cents));
        }
    }
}
