//! Caps: the most that is spent of the operator's money in a day and in a month, at vendors' prices.

use std::collections::BTreeMap;

use crate::clock::{DAY, Time};
use crate::money::Cents;
use crate::named::named;
use crate::spend::Month;

/// The most that may be spent in each span of time (UTC); `None`: as much as is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cap {
    /// In a day, in cents.
    pub day_cents: Option<Cents>,
    /// In a calendar month, in cents.
    pub month_cents: Option<Cents>,
}

/// All caps that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// Of all accounts together.
    pub all: Cap,
    /// Of single accounts.
    pub accounts: BTreeMap<String, Cap>,
}

named! {
    /// A span of time that a cap is for.
    pub enum Span {
        /// From midnight to midnight, UTC.
        Day "day",
        /// A calendar month, UTC.
        Month "month",
    }
}

/// One cap, and what is spent of it: what was paid, and the most that open purchases may still cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The account that it is of; `None`: of all together.
    pub account: Option<String>,
    /// For which span of time.
    pub span: Span,
    /// The cap, in cents.
    pub cap_cents: Cents,
    /// What is spent, in cents.
    pub spent_cents: Cents,
}

impl Usage {
    /// Whether so much more fits.
    #[must_use]
    pub const fn allows(&self, cents: Cents) -> bool {
        self.spent_cents.saturating_add(cents) <= self.cap_cents
    }

    /// Whether four fifths of it are spent.
    #[must_use]
    pub const fn is_near(&self) -> bool {
        self.cap_cents > 0 && self.spent_cents.saturating_mul(5) >= self.cap_cents.saturating_mul(4)
    }
}

impl Span {
    /// When the span began that a server time lies in.
    #[must_use]
    pub fn began(self, now: Time) -> Time {
        match self {
            Self::Day => Time(now.0 - now.0.rem_euclid(DAY)),
            Self::Month => Month::of(now).from,
        }
    }
}

impl Cap {
    /// The caps by their spans.
    pub fn spans(self) -> impl Iterator<Item = (Span, Cents)> {
        [(Span::Day, self.day_cents), (Span::Month, self.month_cents)]
            .into_iter()
            .filter_map(|(span, cents)| Some((span, cents?)))
    }
}

impl Caps {
    /// The caps that a purchase at an account counts against: which account's (`None`: all together), span, and cents.
    #[must_use]
    pub fn of(&self, account: &str) -> Vec<(Option<String>, Span, Cents)> {
        let own = self.accounts.get(account).copied().unwrap_or_default();
        let all = self.all.spans().map(|(span, cents)| (None, span, cents));
        all.chain(own.spans().map(|(span, cents)| (Some(account.to_owned()), span, cents))).collect()
    }

    /// All of them.
    #[must_use]
    pub fn every(&self) -> Vec<(Option<String>, Span, Cents)> {
        let all = self.all.spans().map(|(span, cents)| (None, span, cents));
        let of = |(account, cap): (&String, &Cap)| {
            let account = account.clone();
            cap.spans().map(|(span, cents)| (Some(account.clone()), span, cents)).collect::<Vec<_>>()
        };
        all.chain(self.accounts.iter().flat_map(of)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HOUR;

    #[test]
    fn a_day_begins_at_midnight_and_a_month_on_its_first() {
        let now = Time::parse("2026-05-08T23:59:59Z").unwrap();
        assert_eq!(Span::Day.began(now), Time::parse("2026-05-08T00:00:00Z").unwrap());
        assert_eq!(Span::Day.began(now.plus(HOUR)), Time::parse("2026-05-09T00:00:00Z").unwrap());
        assert_eq!(Span::Month.began(now), Time::parse("2026-05-01T00:00:00Z").unwrap());
    }

    #[test]
    fn a_cap_is_reached_to_the_cent_and_near_at_four_fifths() {
        let usage = |spent_cents| Usage { account: None, span: Span::Day, cap_cents: 1_000, spent_cents };
        assert!(usage(0).allows(1_000) && !usage(1).allows(1_000));
        assert!(!usage(799).is_near() && usage(800).is_near());
        assert!(!Usage { cap_cents: 0, ..usage(0) }.is_near(), "a cap of nothing is meant");
    }

    #[test]
    fn a_purchase_counts_against_all_and_against_its_account() {
        let cap = |day_cents| Cap { day_cents: Some(day_cents), month_cents: None };
        let caps = Caps { all: cap(9), accounts: BTreeMap::from([("one".into(), cap(5)), ("two".into(), cap(4))]) };
        let of = |account: &str| {
            caps.of(account).into_iter().map(|(account, _, cents)| (account, cents)).collect::<Vec<_>>()
        };
        assert_eq!(of("one"), [(None, 9), (Some("one".into()), 5)]);
        assert_eq!(of("three"), [(None, 9)]);
        assert_eq!(caps.every().len(), 3);
    }
}
