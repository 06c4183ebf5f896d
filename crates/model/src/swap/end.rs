//! The end of a swap that nobody wants any more, or that cannot be.

use super::{Swap, SwapEnd, SwapKind, SwapReason, SwapStatus, tell_why};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::Stop;
use crate::id::{DomainId, Id, Ids};
use crate::ledger::{Line, LineKind, Sum, once_for};
use crate::order::{Cancellation, Order};
use crate::refusal::{Code, Fault, Refusal};
use crate::run::RunKind;

/// Cancels a swap. While its replacement is being made it stays open: the replacement's next step ends both.
///
/// `order` is the swap's order as it stands, locked, and `swap` was read after that.
///
/// # Errors
/// `conflict` when it has ended, or when an inbox is being renamed.
pub fn cancel(mut order: Cancellation, swap: &Swap, now: Now, ids: &Ids) -> Result<(Change, Swap), Refusal> {
    let (reason, message) = match (swap.status, swap.kind) {
        (SwapStatus::Completed, _) => ("swap_completed", "It is completed; swap the new domain to change it again."),
        (SwapStatus::Failed, _) => ("swap_failed", "It has failed; nothing of it is left to cancel."),
        (SwapStatus::Cancelled, _) => ("swap_cancelled", "It is cancelled already."),
        (_, SwapKind::UserNames) => (
            "being_renamed",
            "An inbox cannot be left half renamed. Resolve its pending action when it has one; then rename it again.",
        ),
        _ => {
            let before = order.clone();
            let mut change = end(&mut order, swap, SwapEnd::CancelRequested, now, ids);
            let after = change.swaps.update.first().unwrap_or(swap).clone();
            change.append(order.rows_since(&before));
            return Ok((change, after));
        }
    };
    let message = format!("Swap {} cannot be cancelled. {message}", swap.id);
    Err(Fault::new(Code::Conflict, message).with("reason", reason).into())
}

/// Ends the open swaps of domains that leave their order: nothing takes their place.
pub(crate) fn leave(order: &mut Cancellation, leaving: &[DomainId], now: Now, ids: &Ids) -> Change {
    let replaces = |swap: &&Swap| swap.kind != SwapKind::UserNames && leaving.contains(&swap.domain);
    let swaps: Vec<_> = order.swaps.iter().filter(replaces).cloned().collect();
    let mut change = Change::default();
    for swap in swaps {
        change.append(end(order, &swap, SwapEnd::DomainLeaves, now, ids));
    }
    change
}

/// Ends an open swap at once, or tells the making of its replacement to.
fn end(facts: &mut Cancellation, swap: &Swap, why: SwapEnd, now: Now, ids: &Ids) -> Change {
    let job = Some(swap.id.as_str());
    let runs: Vec<_> =
        facts.runs.iter().filter(|run| run.job.as_deref() == job).filter(|run| run.is_live()).cloned().collect();
    let runs_of = |kind| runs.iter().filter(move |run| run.kind == kind);
    let mut change = Change::default();
    let making = facts.domains.iter_mut().find(|domain| swap.replacement.as_ref() == Some(&domain.id));
    if let Some(replacement) = making {
        replacement.stop.get_or_insert(Stop::Replaced);
        change.make_due.extend(runs_of(RunKind::Provision).map(|run| run.id.clone()));
        return change;
    }
    // Whoever is asking for the replacement right now finds its run at an end, and drops what it learnt.
    change.runs.update.extend(runs_of(RunKind::Replace).map(|run| run.called_off(now)));
    change.make_due.extend(runs_of(RunKind::Replace).map(|run| run.id.clone()));
    let called_off = call_off(&mut facts.order, swap, why, &facts.lines, now, ids);
    facts.sums.extend(called_off.lines.iter().map(Sum::from));
    change.append(called_off);
    change
}

/// A swap that fails or is cancelled: told, and its price credited.
pub(crate) fn call_off(order: &mut Order, swap: &Swap, why: SwapEnd, lines: &[Line], now: Now, ids: &Ids) -> Change {
    let status = if why.is_cancelled() { SwapStatus::Cancelled } else { SwapStatus::Failed };
    let ended = swap.for_reason(status, SwapReason::Ended(why), now);
    let mut change = tell_why(order, ended, None, now, ids);
    let period = once_for(&swap.id);
    let charged = lines.iter().find(|line| line.kind == LineKind::Swap && line.period == period);
    if let Some(line) = charged.filter(|line| line.amount_cents != 0) {
        change.lines.push(line.taken_back(now, ids));
    }
    change
}
