//! An order with everything around it, held until the commit.

use model::id::OrderId;
use model::order::Cancellation;
use store::locks::{Before, level};
use store::{Halt, domains, ledger, runs, swaps};

use crate::acting::Present;

/// The order of this scope, locked, as it stands.
pub(crate) async fn in_full<'t, L>(
    present: Present<'t, L>,
    id: &OrderId,
) -> Result<(Present<'t, level::Order>, Cancellation), Halt>
where
    L: Before<level::Order>,
{
    let (mut present, order) = present.order(id).await?;
    let tx = &mut present.tx;
    let domains = domains::lock_of_order(tx, id).await?;
    let (swaps, mut lines) = (swaps::open_of_order(tx, &order).await?, vec![]);
    for swap in &swaps {
        lines.extend(ledger::of_domain(tx, id, &swap.domain).await?);
    }
    let (sums, runs) = (ledger::sums_of_order(tx, id).await?, runs::open_of_order(tx, id).await?);
    Ok((present, Cancellation { domains, sums, lines, runs, swaps, order }))
}
