//! Around the search for a replacement.

use std::borrow::Cow;

use model::change::Change;
use model::clock::Now;
use model::id::{Id, SwapId};
use model::run::{Learnt, Moved, Outcome, Replacing, Run, RunKind, Try, replace};
use model::world::Scope;
use store::spend::{self, Limits};
use store::{Halt, Tx, domains, ledger, orders, swaps};

use crate::parts::Parts;

/// The limits that a replacement counts against which may be bought now; nobody's for everything else. They are locked
/// before the partner's clock is held and the order is locked, as requests do.
pub(super) async fn limits(tx: &mut Tx, run: &Run, outcome: &Outcome) -> Result<Limits, Halt> {
    match (&run.order, &outcome.learnt) {
        (Some(order), Learnt::Buyable(_)) if run.kind == RunKind::Replace => {
            Ok(spend::lock_of_order(tx, &scope(run), order, None).await?)
        }
        _ => Ok(Limits::default()),
    }
}

fn scope(run: &Run) -> Scope {
    Scope { partner: run.partner.clone(), world: run.world.clone() }
}

/// What the try of a step comes to. The registrar's word on a replacement is half of it: the other half is
/// our own rows, which may have changed while it was asked.
pub(super) async fn evaluate<'a>(
    tx: &mut Tx,
    parts: &Parts,
    run: &Run,
    outcome: &'a Outcome,
    limits: &Limits,
    now: Now,
) -> Result<Cow<'a, Outcome>, Halt> {
    if run.kind != RunKind::Replace {
        return Ok(Cow::Borrowed(outcome));
    }
    let replacing = gather(tx, run).await?;
    let allowances = limits.allowances(tx, &scope(run), now.partner()).await?;
    Ok(Cow::Owned(replacing.evaluate(outcome, &allowances, parts.settings.rules.book, now)))
}

pub(super) async fn effects(tx: &mut Tx, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, Halt> {
    let replacing = gather(tx, tried.run).await?;
    Ok(replace(&replacing, moved, tried.outcome, &parts.settings.rules, tried.now, &parts.ids))
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
    Ok(Replacing { lines: ledger::of_domain(tx, &order.id, &swap.domain).await?, order, swap, domain, holder })
}
