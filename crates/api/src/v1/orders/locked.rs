//! An order with everything around it, held until the commit.

use model::id::OrderId;
use model::order::Cancellation;
use model::world::Scope;
use store::{Halt, Tx, domains, ledger, orders, runs, swaps};

use crate::problem::missing;

/// The order of this scope, locked, as it stands.
pub(crate) async fn locked(tx: &mut Tx, scope: &Scope, id: &OrderId) -> Result<Cancellation, Halt> {
    let order = orders::lock(tx, id).await?;
    let order = order
        .filter(|order| order.partner == scope.partner && order.world == scope.world)
        .ok_or_else(|| missing("order", id))?;
    let domains = domains::lock_of_order(tx, id).await?;
    let (swaps, mut lines) = (swaps::open_of_order(tx, &order).await?, vec![]);
    for swap in &swaps {
        lines.extend(ledger::of_domain(tx, id, &swap.domain).await?);
    }
    let (sums, runs) = (ledger::sums_of_order(tx, id).await?, runs::open_of_order(tx, id).await?);
    Ok(Cancellation { domains, sums, lines, runs, swaps, order })
}
