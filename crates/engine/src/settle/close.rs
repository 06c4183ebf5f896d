//! Around a domain that leaves its order.

use model::change::Change;
use model::run::{Closing, Moved, Try, close};
use store::locks::level::Partner;
use store::{Halt, Locks, actions, domains, inboxes, ledger};

use crate::parts::Parts;

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    let (mut tx, order) = tx.order_of(tried.run).await?;
    let (tx, id) = (&mut *tx, &order.id.clone());
    let others_stay = domains::others_stay(tx, id, &tried.domain.id).await?;
    let closing = Closing {
        order,
        others_stay,
        domains: if others_stay { vec![] } else { domains::of_order(tx, id).await? },
        sums: if others_stay { vec![] } else { ledger::sums_of_order(tx, id).await? },
        inboxes: inboxes::of_domain(tx, &tried.domain.id).await?,
        open_action: actions::open_of_domain(tx, &tried.domain.id).await?,
    };
    Ok(close(&closing, moved, tried.now, &parts.ids))
}
