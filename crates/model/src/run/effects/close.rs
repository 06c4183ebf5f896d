//! The end of a domain in its order: its inboxes go, its name goes where it belongs.

use super::inventory::to_inventory;
use super::question;
use crate::action::Action;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Class, Domain, DomainStatus, Source};
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::inbox::{Inbox, InboxStatus, LinkStatus};
use crate::ledger::Sum;
use crate::order::{Order, OrderStatus};
use crate::run::{Moved, StepName};
use crate::view;

/// What is around a domain that leaves, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The order, locked.
    pub order: Order,
    /// Whether other domains of it have not left yet.
    pub others_stay: bool,
    /// Its domains; needed when the others have left.
    pub domains: Vec<Domain>,
    /// Everything that was booked for it, added up; needed when the others have left.
    pub sums: Vec<Sum>,
    /// The domain's inboxes.
    pub inboxes: Vec<Inbox>,
    /// What was still asked about it: nobody has to answer that any more.
    pub open_action: Option<Action>,
}

/// Decides everything that follows from the move beyond the run and its domain.
#[must_use]
pub fn close(facts: &Closing, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut change = Change { actions: question::close(facts.open_action.as_ref(), now), ..Change::default() };
    if moved.run.step == StepName::ReleaseDomain {
        change.inboxes.update.extend(facts.inboxes.iter().map(deleted));
    }
    if moved.domain.status != DomainStatus::Released {
        return change;
    }
    let domain = &moved.domain;
    let runs_on = domain.expires_at.is_none_or(|at| at > now.partner());
    if domain.held && domain.source == Source::Registrar && runs_on {
        change.append(to_inventory(domain, now, ids));
    }
    end_order(facts, moved, now, ids, &mut change);
    change
}

fn deleted(inbox: &Inbox) -> Inbox {
    Inbox { status: InboxStatus::Deleted, link: LinkStatus::Waiting, account_id: None, ..inbox.clone() }
}

/// A cancelled order has ended when its last domain has left.
fn end_order(facts: &Closing, moved: &Moved, now: Now, ids: &Ids, change: &mut Change) {
    if facts.others_stay {
        return;
    }
    let domains: Vec<_> = facts.domains.iter().map(|one| moved.current(one)).collect();
    if facts.order.status == OrderStatus::CancelScheduled && has_ended(&facts.order, &domains, now) {
        let mut order = Order { status: OrderStatus::Cancelled, ..facts.order.clone() };
        let data = view::text(&view::Order::of_sums(&order, &domains, &facts.sums));
        change.events.push(Event::of_order(&mut order, EventKind::OrderCancelled, None, data, now, ids));
        change.orders.update.push(order);
    }
}

/// Whether a cancelled order's paid period is over and none of its domains is left.
pub(crate) fn has_ended(order: &Order, domains: &[Domain], now: Now) -> bool {
    let left = |domain: &Domain| {
        matches!(domain.status.class(), Class::Open | Class::Active | Class::Asking)
            || matches!(domain.status, DomainStatus::Retiring | DomainStatus::Releasing)
    };
    order.cancels_at.is_some_and(|at| at <= now.partner()) && !domains.iter().any(left)
}
