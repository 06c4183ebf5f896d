//! Around the making of a domain: its order, its question, its credits.

use model::change::Change;
use model::domain::Domain;
use model::id::OrderId;
use model::ledger::Line;
use model::run::{Moved, Provisioning, RunState, Swapping, Try, provision};
use store::locks::level::Partner;
use store::{Halt, Locks, Tx, actions, domains, inboxes, ledger, swaps};

use crate::parts::Parts;

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    if !moved.concerns_order() {
        return Ok(Change::default());
    }
    let (mut tx, order) = tx.order_of(tried.run).await?;
    let tx = &mut *tx;
    // Those that this very try changed carry their own rows already.
    let failed = moved.run.state == RunState::Failed && tried.inboxes.is_empty();
    let swapping = swapping(tx, tried.domain).await?;
    let facts = Provisioning {
        open_action: actions::open_of_domain(tx, &tried.domain.id).await?,
        lines: lines_of(tx, &order.id, tried.domain, swapping.as_ref()).await?,
        inboxes: if failed { inboxes::of_domain(tx, &tried.domain.id).await? } else { vec![] },
        swapping,
        order,
    };
    Ok(provision(&facts, moved, tried.now, &parts.ids))
}

/// What was booked for the domain, and for the one that it replaces.
async fn lines_of(
    tx: &mut Tx,
    order: &OrderId,
    domain: &Domain,
    swapping: Option<&Swapping>,
) -> Result<Vec<Line>, Halt> {
    let mut lines = ledger::of_domain(tx, order, &domain.id).await?;
    if let Some(swapping) = swapping {
        lines.extend(ledger::of_domain(tx, order, &swapping.replaced.id).await?);
    }
    Ok(lines)
}

/// The swap that the domain came by, and whom it replaces.
async fn swapping(tx: &mut Tx, domain: &Domain) -> Result<Option<Swapping>, Halt> {
    let Some(id) = &domain.swap else { return Ok(None) };
    let swap = swaps::load(tx, id).await?.ok_or(Halt::Lost)?;
    let replaced = domains::load(tx, &swap.domain).await?.ok_or(Halt::Lost)?;
    Ok(Some(Swapping { swap, replaced }))
}
