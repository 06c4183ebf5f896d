//! An order's status is computed from its domains, never set.

use super::{Order, OrderStatus};
use crate::action::Action;
use crate::clock::Now;
use crate::domain::{Class, Domain, DomainStatus};
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::ledger::Sum;
use crate::view::{self, Why};

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

/// What its domains make of an order, when that is not what it is called. Once it is completed, has failed or is to
/// end, they no longer change it.
#[must_use]
pub fn status_change(order: &Order, tally: Tally) -> Option<OrderStatus> {
    let is_open = matches!(order.status, OrderStatus::InProgress | OrderStatus::ActionRequired);
    let status = status_of(tally);
    (is_open && order.completed_at.is_none() && status != order.status).then_some(status)
}

/// What an order is shown with.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    /// Its domains.
    pub domains: &'a [Domain],
    /// What was booked for it.
    pub sums: &'a [Sum],
    /// What it waits for, if it waits for anything.
    pub asked: Option<&'a Action>,
}

/// Calls an order what its domains make of it, and tells that.
#[must_use]
pub fn change_status(
    order: &mut Order,
    status: OrderStatus,
    facts: &Standing<'_>,
    now: Now,
    ids: &Ids,
) -> Option<Event> {
    let kind = match status {
        OrderStatus::InProgress => EventKind::OrderInProgress,
        OrderStatus::ActionRequired => EventKind::OrderActionRequired,
        OrderStatus::Completed => EventKind::OrderCompleted,
        OrderStatus::Failed => EventKind::OrderFailed,
        OrderStatus::CancelScheduled | OrderStatus::Cancelled => return None,
    };
    order.status = status;
    if status == OrderStatus::Completed {
        order.completed_at = Some(now.partner());
    }
    let shown = view::Order::of_sums(order, facts.domains, facts.sums);
    let why = match status {
        OrderStatus::ActionRequired => facts.asked.map(Why::asked),
        OrderStatus::Failed => Some(Why::nothing_delivered()),
        _ => None,
    };
    let data = why.map_or_else(|| view::text(&shown), |why| why.beside(&shown));
    Some(Event::of_order(order, kind, None, data, now, ids))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;
    use crate::run::tests::{NOW, domain, ids, order};

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

    #[test]
    fn an_order_is_called_what_its_domains_make_of_it_until_it_is_completed() {
        let working = tally(&[DomainStatus::Active]);
        let asking = Order { status: OrderStatus::ActionRequired, ..order() };
        assert_eq!(status_change(&asking, working), Some(OrderStatus::Completed));
        assert_eq!(status_change(&asking, tally(&[DomainStatus::ActionRequired])), None);
        let done = Order { status: OrderStatus::Completed, completed_at: Some(Time(1)), ..order() };
        assert_eq!(
            status_change(&done, tally(&[DomainStatus::ActionRequired])),
            None,
            "later trouble shows on the domain"
        );
        for status in [OrderStatus::Failed, OrderStatus::CancelScheduled, OrderStatus::Cancelled] {
            assert_eq!(status_change(&Order { status, ..order() }, working), None, "{status:?}");
        }
    }

    #[test]
    fn an_order_that_is_completed_remembers_when_and_is_told_once() {
        let mut order = Order { status: OrderStatus::ActionRequired, ..order() };
        let domains = [domain(DomainStatus::Active, true)];
        let standing = Standing { domains: &domains, sums: &[], asked: None };
        let told = change_status(&mut order, OrderStatus::Completed, &standing, NOW, &ids()).unwrap();
        assert_eq!((told.kind, order.completed_at), (EventKind::OrderCompleted, Some(NOW.partner())));
        assert_eq!(order.last_event, Some(told.id));
        assert_eq!(status_change(&order, tally(&[DomainStatus::Active])), None);
    }
}
