//! Another name for one inbox: its swap follows, and asks when a picture cannot be had.

use super::follow_swap::wait_for;
use super::question;
use crate::action::Action;
use crate::change::{Change, Rows};
use crate::clock::Now;
use crate::domain::DomainStatus;
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::order::{Order, SequencerProvider};
use crate::run::{Moved, RunState};
use crate::swap::{Swap, SwapEnd, SwapReason, SwapStatus, call_off, tell};
use crate::view;

/// What is around an inbox that is renamed, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Renaming {
    /// The order, locked.
    pub order: Order,
    /// The swap.
    pub swap: Swap,
    /// The domain's open action, when it has one: it may be somebody else's.
    pub open_action: Option<Action>,
}

/// Decides everything that follows from the move beyond the run and its inbox. The domain works on whatever
/// happens here, so that neither it nor its order is asked about.
#[must_use]
pub fn rename(facts: &Renaming, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let (mut order, swap) = (moved.with_key(&facts.order), &facts.swap);
    let status = match moved.run.state {
        RunState::Done => SwapStatus::Completed,
        RunState::Failed => SwapStatus::Failed,
        RunState::Asking => SwapStatus::ActionRequired,
        RunState::Open => SwapStatus::InProgress,
    };
    let mut change = tell_link(&mut order, moved, now, ids);
    let actions = ask(facts, moved, now, ids);
    change.append(match (status, moved.ask) {
        _ if !swap.status.is_open() => Change::default(),
        (SwapStatus::ActionRequired, Some((reason, _))) => {
            let own = |action: &&Action| question::is_asked_by(action, moved) && action.reason == reason;
            let asked = actions.insert.first().or(facts.open_action.as_ref().filter(own));
            wait_for(swap, SwapReason::Waits(reason), asked, &mut order, now, ids)
        }
        (SwapStatus::Failed, _) => call_off(&mut order, swap, SwapEnd::RenamingFailed, &[], now, ids),
        _ if status == swap.status => Change::default(),
        _ => tell(&mut order, swap.at(status, now), now, ids),
    });
    change.actions = actions;
    if order != facts.order {
        change.orders.update.push(order);
    }
    change
}

/// An inbox that has another address is linked under that.
fn tell_link(order: &mut Order, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    if moved.run.state == RunState::Done {
        for inbox in moved.linked() {
            let data = view::text(&view::Inbox::of(inbox));
            let event = Event::of_order(order, EventKind::InboxLinked, Some(inbox.domain.clone()), data, now, ids);
            change.events.push(event);
            if order.sequencer.provider == SequencerProvider::Webhook {
                let (kind, data) = (EventKind::InboxHandedOver, view::handed_over(inbox));
                let event = Event::of_order(order, kind, Some(inbox.domain.clone()), data, now, ids);
                change.events.push(event);
            }
        }
    }
    change
}

/// A domain has one open question at a time: while it is another's, this one waits without asking. A question that
/// holds the domain up is not a rename's.
fn ask(facts: &Renaming, moved: &Moved, now: Now, ids: &Ids) -> Rows<Action> {
    let open = facts.open_action.as_ref();
    match moved.ask {
        Some(_) if open.is_none() => question::follow(None, moved, now, ids).actions,
        Some(_) => {
            let waits = open.filter(|action| question::gives_way(action, moved));
            waits.map(|action| question::follow_anew(action, moved, now, ids).actions).unwrap_or_default()
        }
        None if moved.has_got_on() => {
            // Of what older versions asked nobody knows whose it is.
            let own = |action: &&Action| match &action.run {
                Some(run) => *run == moved.run.id,
                None => moved.was != DomainStatus::ActionRequired,
            };
            question::close(open.filter(own), now)
        }
        None => Rows::default(),
    }
}
