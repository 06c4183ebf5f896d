//! A domain that takes another's place: its swap goes as its making goes, and the old domain leaves when it works.

use crate::action::Action;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Class, Domain, DomainStatus};
use crate::id::Ids;
use crate::ledger::Line;
use crate::order::{Order, begin_to_leave};
use crate::run::Moved;
use crate::swap::{Swap, SwapEnd, SwapKind, SwapReason, SwapStatus, WARM, call_off, tell, tell_why};

/// The swap that a domain came by, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Swapping {
    /// The swap.
    pub swap: Swap,
    /// The domain that is replaced.
    pub replaced: Domain,
}

/// What is around a replacement whose making moved.
#[derive(Clone, Copy)]
pub(super) struct Following<'a> {
    /// The swap, and the domain that is replaced.
    pub(super) swapping: &'a Swapping,
    /// The lines of both domains.
    pub(super) lines: &'a [Line],
    /// What the replacement asks after the move.
    pub(super) asked: Option<&'a Action>,
}

/// What follows for the swap, told to `order`; the domain that is replaced begins to leave when the other works.
pub(super) fn follow_swap(facts: &Following<'_>, moved: &Moved, order: &mut Order, now: Now, ids: &Ids) -> Change {
    let Swapping { swap, replaced } = facts.swapping;
    if !swap.status.is_open() || swap.replacement.as_ref() != Some(&moved.domain.id) {
        return Change::default();
    }
    let status = match moved.domain.status.class() {
        Class::Asking => return wait(facts, moved, order, now, ids),
        Class::Open => SwapStatus::InProgress,
        Class::Active => SwapStatus::Completed,
        Class::GivenUp | Class::Gone => return call_off(order, swap, end(replaced, moved), facts.lines, now, ids),
    };
    if status == swap.status {
        return Change::default();
    }
    let mut change = tell(order, swap.at(status, now), now, ids);
    let stays = matches!(replaced.status.class(), Class::Active | Class::Asking);
    if status != SwapStatus::Completed || !stays {
        return change;
    }
    let warm = if swap.kind == SwapKind::Premium { WARM } else { 0 };
    let (leaving, begun) = begin_to_leave(replaced, now, now.partner().plus(warm), ids);
    change.append(begun);
    change.domains.update.push(leaving);
    change
}

/// The replacement waits for a person, and the swap with it.
fn wait(facts: &Following<'_>, moved: &Moved, order: &mut Order, now: Now, ids: &Ids) -> Change {
    let asked = moved.ask.map(|(reason, _)| reason).or(facts.asked.map(|action| action.reason));
    match asked {
        Some(reason) => wait_for(&facts.swapping.swap, SwapReason::Waits(reason), facts.asked, order, now, ids),
        None => Change::default(),
    }
}

/// A swap that waits: told once, whatever it waits for later.
pub(super) fn wait_for(
    swap: &Swap,
    reason: SwapReason,
    action: Option<&Action>,
    order: &mut Order,
    now: Now,
    ids: &Ids,
) -> Change {
    let waiting = swap.for_reason(SwapStatus::ActionRequired, reason, now);
    if swap.status != SwapStatus::ActionRequired {
        return tell_why(order, waiting, action, now, ids);
    }
    let mut change = Change::default();
    if waiting != *swap {
        change.swaps.update.push(waiting);
    }
    change
}

/// Why the replacement does not take the domain's place. One that is not wanted any more has left, and has not failed.
fn end(replaced: &Domain, moved: &Moved) -> SwapEnd {
    match moved.domain.status {
        DomainStatus::Failed => SwapEnd::ReplacementFailed,
        _ if replaced.cancels_at.is_none() => SwapEnd::CancelRequested,
        _ => SwapEnd::DomainLeaves,
    }
}
