//! Another target for a domain's web address: its entry in the job, and the event.

use crate::change::Change;
use crate::clock::Now;
use crate::event::{Event, EventKind};
use crate::forwarding::{Forwarding, ForwardingReason, ForwardingState, ForwardingStatus, status_of};
use crate::id::{Ids, RunId};
use crate::order::Order;
use crate::run::{Learnt, Moved, RunState};
use crate::view::{self, Why};

/// What is around a redirect that was set or failed, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Redirecting {
    /// The domain's order, locked.
    pub order: Order,
    /// The job, locked.
    pub job: Forwarding,
    /// The later change of the same redirect that waits for this one.
    pub waiting: Option<RunId>,
}

/// Decides everything that follows from the end of a run beyond the run and its domain.
#[must_use]
pub fn redirect(facts: &Redirecting, moved: &Moved, learnt: &Learnt, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    let done = moved.run.state == RunState::Done;
    let mut order = facts.order.clone();
    let kind = if done { EventKind::DomainForwardingUpdated } else { EventKind::DomainForwardingFailed };
    let shown = view::Domain::of(&moved.domain);
    let data = if done {
        view::text(&shown)
    } else {
        let why = reason(learnt);
        Why::told(why.as_str(), why.sentence()).beside(&shown)
    };
    change.events.push(Event::of_order(&mut order, kind, Some(moved.domain.id.clone()), data, now, ids));
    change.orders.update.push(order);

    let mut job = facts.job.clone();
    if let Some(entry) = job.entries.iter_mut().find(|entry| entry.domain.as_ref() == Some(&moved.domain.id)) {
        entry.state = if done { ForwardingState::Done } else { ForwardingState::Failed };
        entry.reason = (!done).then_some(reason(learnt));
    }
    job.status = status_of(&job.entries);
    if job.status != ForwardingStatus::InProgress {
        job.completed_at = Some(now.partner());
    }
    change.forwardings.update.push(job);
    change.make_due.extend(facts.waiting.clone());
    change
}

/// Why it failed; what could not be done for so long that we gave up is out of reach.
const fn reason(learnt: &Learnt) -> ForwardingReason {
    match learnt {
        Learnt::NotForwarded(reason) => *reason,
        _ => ForwardingReason::TargetUnreachable,
    }
}
