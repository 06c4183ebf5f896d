//! Around a domain that leaves its order.

use model::change::Change;
use model::run::{Closing, Moved, Try, close};
use store::{Halt, Tx, actions, domains, inboxes, ledger, orders};

use crate::parts::Parts;

pub(super) async fn effects(tx: &mut Tx, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, Halt> {
    let id = tried.run.order.as_ref().ok_or(Halt::Lost)?;
    let order = orders::lock(tx, id).await?.ok_or(Halt::Lost)?;
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
