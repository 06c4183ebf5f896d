//! A domain that takes another's place: its swap goes as its making goes, and the old domain leaves when it works.

use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Class, Domain};
use crate::id::Ids;
use crate::ledger::Line;
use crate::order::{Order, begin_to_leave};
use crate::run::Moved;
use crate::swap::{Swap, SwapKind, SwapStatus, WARM, call_off, tell};

/// The swap that a domain came by, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Swapping {
    /// The swap.
    pub swap: Swap,
    /// The domain that is replaced.
    pub replaced: Domain,
}

/// What follows for the swap, told to `order`; the domain that is replaced begins to leave when the other works.
pub(super) fn follow_swap(
    facts: &Swapping,
    lines: &[Line],
    moved: &Moved,
    order: &mut Order,
    now: Now,
    ids: &Ids,
) -> Change {
    let Swapping { swap, replaced } = facts;
    if !swap.status.is_open() || swap.replacement.as_ref() != Some(&moved.domain.id) {
        return Change::default();
    }
    let status = match moved.domain.status.class() {
        Class::Asking => SwapStatus::ActionRequired,
        Class::Open => SwapStatus::InProgress,
        Class::Active => SwapStatus::Completed,
        Class::GivenUp | Class::Gone => return call_off(order, swap, lines, now, ids),
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
