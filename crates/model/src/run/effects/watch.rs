//! Looking after a domain that works: what its records show is told when it changes.

use super::question;
use crate::action::{Action, ActionType};
use crate::change::Change;
use crate::clock::{DAY, Now};
use crate::dns::DnsHealth;
use crate::domain::{Domain, DomainStatus};
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::order::Order;
use crate::run::{Memory, Moved, Next, Run, RunKind};
use crate::task::Task;
use crate::view;

/// How often a domain that works is looked at, in microseconds.
pub const LOOK: i64 = DAY;

/// What is around a look, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Watching {
    /// The order, locked.
    pub order: Order,
    /// The domain before the move.
    pub before: Domain,
    /// The domain's open action, when it has one.
    pub open_action: Option<Action>,
}

/// The run that looks after a domain, and the task that waits for its first look.
#[must_use]
pub(crate) fn plan_watch(run: &Run, domain: &Domain, now: Now, ids: &Ids) -> Change {
    let memory = Memory {
        nameservers: run.memory.nameservers.clone(),
        mail_records: run.memory.mail_records.clone(),
        ..Memory::default()
    };
    let next = Run { memory, ..Run::new(ids.next(), RunKind::Watch, domain, now) };
    let mut change = Change::default();
    let due_at = now.due(now.partner().plus(LOOK));
    change.tasks.push(Task::for_run(ids.next(), &next.id, &next.partner, &next.world, due_at));
    change.runs.insert.push(next);
    change
}

/// Decides everything that follows from the move beyond the run and its domain.
#[must_use]
pub fn watch(facts: &Watching, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut order = facts.order.clone();
    let mut change = Change::default();
    let question = question::follow_own(ActionType::Nameservers, facts.open_action.as_ref(), moved, now, ids);
    let drift = drift(facts.before.dns.as_ref(), moved.domain.dns.as_ref());
    let drift = drift.map(|kind| (kind, view::text(&view::Domain::of(&moved.domain))));
    let asked = question.told(&moved.domain).map(|data| (EventKind::DomainActionRequired, data));
    change.actions = question.actions;
    for (kind, data) in drift.into_iter().chain(asked) {
        change.events.push(Event::of_order(&mut order, kind, Some(moved.domain.id.clone()), data, now, ids));
    }
    if moved.next == Next::Finished && moved.domain.status == DomainStatus::Active {
        change.append(plan_watch(&moved.run, &moved.domain, now, ids));
    }
    if order != facts.order {
        change.orders.update.push(order);
    }
    change
}

fn drift(before: Option<&DnsHealth>, after: Option<&DnsHealth>) -> Option<EventKind> {
    let ok = |health: Option<&DnsHealth>| health.is_none_or(DnsHealth::is_ok);
    match (ok(before), ok(after)) {
        (true, false) => Some(EventKind::DomainDnsDrifted),
        (false, true) => Some(EventKind::DomainDnsRestored),
        _ => None,
    }
}
