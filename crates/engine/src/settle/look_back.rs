//! Around a look back at a domain that work came too late for.

use model::change::Change;
use model::run::{LookingBack, Moved, RunKind, Try, look_back};
use store::{Halt, Tx, domains, ledger, orders, runs};

use crate::parts::Parts;

pub(super) async fn effects(tx: &mut Tx, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, Halt> {
    let Some(id) = &tried.run.order else { return Ok(Change::default()) };
    let order = orders::lock(tx, id).await?.ok_or(Halt::Lost)?;
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
