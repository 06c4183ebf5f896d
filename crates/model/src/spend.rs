//! The spend guard: how much a key, and a partner, may have booked in one calendar month.

use crate::clock::Time;
use crate::money::Cents;
use crate::refusal::{Code, Fault};

/// A calendar month in UTC, in partner time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first moment.
    pub from: Time,
    /// The first moment of the next one.
    pub until: Time,
}

impl Month {
    /// The month that a partner time lies in.
    #[must_use]
    pub fn of(partner_time: Time) -> Self {
        let from = partner_time.start_of_month();
        Self { from, until: from.next_month(1) }
    }
}

/// Whose spending is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// One API key's: the orders that were placed with it.
    Key,
    /// The same of the key that an order was placed with, when another one asks for more in it.
    OrderKey,
    /// A partner's, in one world.
    Partner,
}

impl Limited {
    /// The name in `details.scope`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key | Self::OrderKey => "key",
            Self::Partner => "partner",
        }
    }
}

/// A limit, and what is booked against it this month, credits taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Whose limit it is.
    pub of: Limited,
    /// The most that may be booked in the month.
    pub limit_cents: Cents,
    /// What is booked already; below 0 when the month had more credits than charges.
    pub spent_cents: Cents,
}

impl Allowance {
    /// Whether so much more may be booked. What costs nothing always may.
    #[must_use]
    pub const fn admits(&self, cents: Cents) -> bool {
        cents <= 0 || self.spent_cents.saturating_add(cents) <= self.limit_cents
    }

    fn fault(&self, cents: Cents, month: Month) -> Fault {
        let whose = match self.of {
            Limited::Key => "This key",
            Limited::OrderKey => "The key that the order was placed with",
            Limited::Partner => "Your account",
        };
        let message = format!(
            "{whose} may spend {} cents a month; {} are booked and this costs {cents}. Nothing was bought. Order less, wait until {}, or ask the operator for a higher limit.",
            self.limit_cents,
            self.spent_cents,
            month.until.date()
        );
        Fault::new(Code::SpendLimitExceeded, message)
            .with("limit_cents", self.limit_cents)
            .with("spent_cents", self.spent_cents)
            .with("order_cents", cents)
            .with("scope", self.of.as_str())
    }
}

/// The faults of a purchase: one for each limit that it would go over.
///
/// The allowances must have been read under their lock (the store's `spend::lock`) for the answer to
/// still hold when the purchase is written.
#[must_use]
pub fn faults(allowances: &[Allowance], cents: Cents, partner_now: Time) -> Vec<Fault> {
    let month = Month::of(partner_now);
    allowances.iter().filter(|one| !one.admits(cents)).map(|one| one.fault(cents, month)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn months_are_calendar_months_of_utc() {
        for (moment, from, until) in [
            ("2026-05-08T12:00:00Z", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"),
            ("2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"),
            ("2026-12-31T23:59:59.999999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2028-02-29T23:30:00+02:00", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ] {
            assert_eq!(Month::of(time(moment)), Month { from: time(from), until: time(until) }, "{moment}");
        }
    }

    #[test]
    fn up_to_the_limit_and_not_a_cent_more() {
        let allowance = |limit_cents, spent_cents| Allowance { of: Limited::Partner, limit_cents, spent_cents };
        for (limit, spent, cents, admitted) in [
            (10_000, 0, 10_000, true),
            (10_000, 0, 10_001, false),
            (10_000, 3_200, 6_800, true),
            (10_000, 3_201, 6_800, false),
            (10_000, -500, 10_500, true),
            (0, 0, 1, false),
            (0, 0, 0, true),
            (0, 5_000, 0, true),
            (Cents::MAX, Cents::MAX, 1, true),
        ] {
            assert_eq!(allowance(limit, spent).admits(cents), admitted, "{limit} {spent} {cents}");
        }
    }

    #[test]
    fn every_limit_that_is_in_the_way_is_told() {
        let one = |of, limit_cents| Allowance { of, limit_cents, spent_cents: 4_000 };
        let now = time("2026-05-08T12:00:00Z");
        let both = faults(&[one(Limited::Key, 5_000), one(Limited::Partner, 6_000)], 6_800, now);
        let told: Vec<_> = both.iter().map(|fault| serde_json::Value::Object(fault.details.clone())).collect();
        let row = |scope: &str, limit: i64| serde_json::json!({ "limit_cents": limit, "spent_cents": 4_000, "order_cents": 6_800, "scope": scope });
        assert_eq!(told, [row("key", 5_000), row("partner", 6_000)]);
        assert!(both.iter().all(|fault| fault.code.status() == 402 && fault.message.contains("2026-06-01")));
        assert_eq!(faults(&[one(Limited::Key, 5_000), one(Limited::Partner, 60_000)], 6_800, now).len(), 1);
        assert_eq!(faults(&[], 6_800, now), []);
    }
}
