//! Around a look back at a domain that work came too late for.

use model::change::Change;
use model::run::{LookingBack, Moved, RunKind, Try, look_back};
use store::locks::level::Partner;
use store::{Halt, Locks, domains, ledger, runs};

use crate::parts::Parts;

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    let Some(id) = &tried.run.order else { return Ok(Change::default()) };
    let (mut tx, order) = tx.order_of(tried.run).await?;
    let tx = &mut *tx;
    let name = std::slice::from_ref(&tried.domain.name);
    let holder = domains::holders(tx, &tried.domain.world, name).await?.pop();
    let mut waiting = vec![];
    if let Some(holder) = &holder {
        waiting = runs::open_of_domain(tx, &holder.id, RunKind::Provision).await?;
    }
    let facts = LookingBack {
        order,
        before: tried.domain.clone(),
        holder,
        lines: ledger::of_order(tx, id).await?,
        waiting: waiting.into_iter().map(|run| run.id).collect(),
    };
    Ok(look_back(&facts, moved, tried.now, &parts.ids))
}
