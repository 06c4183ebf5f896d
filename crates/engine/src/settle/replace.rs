//! Around the search for a replacement.

use std::borrow::Cow;

use model::change::Change;
use model::clock::Now;
use model::id::{Id, OrderId, SwapId};
use model::run::{Learnt, Moved, Outcome, Replacing, Run, RunKind, Try, replace};
use model::world::Scope;
use store::locks::level::{self, Partner};
use store::spend::Limits;
use store::{Halt, Locks, domains, ledger, swaps};

use crate::parts::Parts;

/// The order whose limits a replacement counts against which may be bought now; none for everything else.
pub(super) fn books<'a>(run: &'a Run, outcome: &Outcome) -> Option<&'a OrderId> {
    let may_buy = run.kind == RunKind::Replace && matches!(outcome.learnt, Learnt::Buyable(_));
    run.order.as_ref().filter(|_| may_buy)
}

pub(super) fn scope(run: &Run) -> Scope {
    Scope { partner: run.partner.clone(), world: run.world.clone() }
}

/// What the try of a step comes to. The registrar's word on a replacement is half of it: the other half is
/// our own rows, which may have changed while it was asked.
pub(super) async fn evaluate<'a>(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    run: &Run,
    outcome: &'a Outcome,
    limits: &Limits,
    now: Now,
) -> Result<Cow<'a, Outcome>, Halt> {
    if run.kind != RunKind::Replace {
        return Ok(Cow::Borrowed(outcome));
    }
    let (mut tx, replacing) = gather(tx, run).await?;
    let allowances = limits.allowances(&mut tx, &scope(run), now.partner()).await?;
    Ok(Cow::Owned(replacing.evaluate(outcome, &allowances, parts.settings.rules.of(&run.world).book, now)))
}

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    let (_, replacing) = gather(tx, tried.run).await?;
    Ok(replace(&replacing, moved, tried.outcome, &parts.settings.rules.of(&tried.run.world), tried.now, &parts.ids))
}

async fn gather<'t>(tx: Locks<'t, Partner>, run: &Run) -> Result<(Locks<'t, level::Order>, Replacing), Halt> {
    let job = run.job.as_ref().ok_or(Halt::Lost)?;
    let (mut held, order) = tx.order_of(run).await?;
    let tx = &mut *held;
    let swap = swaps::load(tx, &SwapId::opaque(job)).await?.ok_or(Halt::Lost)?;
    let holder = match &swap.replacement_name {
        Some(name) => domains::holders(tx, &run.world, std::slice::from_ref(name)).await?.pop(),
        None => None,
    };
    let domain = domains::load(tx, &run.domain).await?.ok_or(Halt::Lost)?;
    let lines = ledger::of_domain(tx, &order.id, &swap.domain).await?;
    Ok((held, Replacing { lines, order, swap, domain, holder }))
}
