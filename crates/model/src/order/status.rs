//! An order's status is computed from its domains, never set.

use super::OrderStatus;
use crate::domain::{Class, DomainStatus};

/// How many of an order's domains are in each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Still being worked on.
    pub open: i64,
    /// Delivered.
    pub active: i64,
    /// Waiting for a person.
    pub asking: i64,
    /// Failed for good.
    pub given_up: i64,
}

impl Tally {
    /// Counts domains of one status.
    pub fn add(&mut self, status: DomainStatus, count: i64) {
        match status.class() {
            Class::Open => self.open += count,
            Class::Active => self.active += count,
            Class::Asking => self.asking += count,
            Class::GivenUp => self.given_up += count,
            Class::Gone => {}
        }
    }
}

/// What the domains make of an order that has not been completed, failed or cancelled yet.
#[must_use]
pub const fn status_of(tally: Tally) -> OrderStatus {
    if tally.asking > 0 {
        OrderStatus::ActionRequired
    } else if tally.open > 0 {
        OrderStatus::InProgress
    } else if tally.active > 0 {
        OrderStatus::Completed
    } else {
        OrderStatus::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(statuses: &[DomainStatus]) -> Tally {
        let mut tally = Tally::default();
        for status in statuses {
            tally.add(*status, 1);
        }
        tally
    }

    #[test]
    fn the_table_of_statuses() {
        use DomainStatus::{ActionRequired, Active, Configuring, Failed, Pending, Released};
        for (domains, status) in [
            (&[Pending, Pending][..], OrderStatus::InProgress),
            (&[Active, Configuring], OrderStatus::InProgress),
            (&[Active, ActionRequired], OrderStatus::ActionRequired),
            (&[Configuring, ActionRequired], OrderStatus::ActionRequired),
            (&[Active, Active], OrderStatus::Completed),
            (&[Active, Failed], OrderStatus::Completed),
            (&[Active, Released], OrderStatus::Completed),
            (&[Failed, Failed], OrderStatus::Failed),
        ] {
            assert_eq!(status_of(tally(domains)), status, "{domains:?}");
        }
    }
}
