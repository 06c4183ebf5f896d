//! Having the mail of a domain signed that its order had not waited for: asked about beside a domain that works.

use super::question;
use crate::action::Action;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::Domain;
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::order::Order;
use crate::run::{Memory, Moved, Next, Run, RunKind, RunState};
use crate::view;

/// What is around it, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The order, locked.
    pub order: Order,
    /// The domain's open action, when it has one.
    pub open_action: Option<Action>,
}

/// The run that asks for the key of a domain that is connected without, and the task that begins it.
#[must_use]
pub(super) fn plan_signing(run: &Run, domain: &Domain, now: Now, ids: &Ids) -> Change {
    let memory = Memory {
        nameservers: run.memory.nameservers.clone(),
        mail_records: run.memory.mail_records.clone(),
        ..Memory::default()
    };
    let mut change = Change::default();
    change.begin(Run { memory, ..Run::new(ids.next(), RunKind::Sign, domain, now) }, now.server, ids);
    change
}

/// Decides everything that follows from the move beyond the run and its domain.
#[must_use]
pub fn sign(facts: &Signing, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut order = facts.order.clone();
    let mut change = Change::default();
    let question = question::follow_alone(facts.open_action.as_ref(), moved, now, ids);
    let asked = question.told(&moved.domain).map(|data| (EventKind::DomainActionRequired, data));
    let is_signed = moved.next == Next::Finished && moved.run.state == RunState::Done && moved.domain.works();
    let signed = is_signed.then(|| (EventKind::DomainDkimEnabled, view::text(&view::Domain::of(&moved.domain))));
    change.actions = question.actions;
    for (kind, data) in asked.into_iter().chain(signed) {
        change.events.push(Event::of_order(&mut order, kind, Some(moved.domain.id.clone()), data, now, ids));
    }
    if order != facts.order {
        change.orders.update.push(order);
    }
    change
}
