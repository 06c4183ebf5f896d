//! Around the search for a replacement.

use std::borrow::Cow;

use model::change::Change;
use model::id::{Id, SwapId};
use model::run::{Moved, Outcome, Replacing, Run, RunKind, replace};
use store::{Halt, Tx, domains, ledger, orders, swaps};

use super::Facts;
use crate::parts::Parts;

/// What the try of a step comes to. The registrar's word on a replacement is half of it: the other half is
/// our own rows, which may have changed while it was asked.
pub(super) async fn weigh<'a>(tx: &mut Tx, run: &Run, outcome: &'a Outcome) -> Result<Cow<'a, Outcome>, Halt> {
    if run.kind != RunKind::Replace {
        return Ok(Cow::Borrowed(outcome));
    }
    Ok(Cow::Owned(gather(tx, run).await?.weigh(outcome)))
}

pub(super) async fn around(tx: &mut Tx, parts: &Parts, facts: &Facts<'_>, moved: &Moved) -> Result<Change, Halt> {
    let replacing = gather(tx, facts.run).await?;
    Ok(replace(&replacing, moved, facts.outcome, &parts.settings.rules, facts.now, &parts.ids))
}

async fn gather(tx: &mut Tx, run: &Run) -> Result<Replacing, Halt> {
    let (order, job) = (run.order.as_ref().ok_or(Halt::Lost)?, run.job.as_ref().ok_or(Halt::Lost)?);
    let order = orders::lock(tx, order).await?.ok_or(Halt::Lost)?;
    let swap = swaps::load(tx, &SwapId::opaque(job)).await?.ok_or(Halt::Lost)?;
    let holder = match &swap.replacement_name {
        Some(name) => domains::holders(tx, &run.world, std::slice::from_ref(name)).await?.pop(),
        None => None,
    };
    let domain = domains::load(tx, &run.domain).await?.ok_or(Halt::Lost)?;
    Ok(Replacing { lines: ledger::of_order(tx, &order.id).await?, order, swap, domain, holder })
}
