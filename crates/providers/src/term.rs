//! How long names are registered for.

use model::clock::Time;
use model::domain::DomainName;

/// How far ahead a registration may reach, in years: the registries' usual limit.
pub(crate) const LONGEST: i64 = 10;

/// The least number of years that names with such an end are sold for. Few registries want more than one, and vendors say so
/// in their prose only (name.com's description of `years`, Porkbun's `minDuration`).
#[must_use]
pub fn least(name: &DomainName) -> i64 {
    if name.as_str().ends_with(".ai") { 2 } else { 1 }
}

/// The same day so many years later, as registries count.
pub(crate) fn years_later(from: Time, years: i64) -> Time {
    (0..years * 12).fold(from, |time, _| time.next_month(from.day_of_month()))
}

/// How many years a name that runs out at `expires` needs to last until after `beyond`, at least `least` of them. `None` when
/// no registry sells so many `now`.
pub(crate) fn missing(expires: Time, beyond: Time, least: i64, now: Time) -> Option<i64> {
    let years = (1..=LONGEST).find(|years| years_later(expires, *years) > beyond)?.max(least);
    (beyond < years_later(now, LONGEST)).then_some(years)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn as_many_years_are_missing_as_it_takes() {
        let now = at("2026-05-08T12:00:00Z");
        let expires = years_later(now, 1);
        for (beyond, least, years) in [
            ("2027-05-08T12:00:00Z", 1, Some(1)),
            ("2028-05-08T11:59:59Z", 1, Some(1)),
            ("2028-05-08T12:00:00Z", 1, Some(2)),
            ("2027-06-01T00:00:00Z", 2, Some(2)),
            ("2036-05-08T11:59:59Z", 1, Some(9)),
            ("2036-05-08T12:00:00Z", 1, None),
            ("2099-01-01T00:00:00Z", 1, None),
        ] {
            assert_eq!(missing(expires, at(beyond), least, now), years, "{beyond}");
        }
    }
}
