//! Around the renaming of an inbox.

use model::change::Change;
use model::id::{Id, SwapId};
use model::run::{Moved, Renaming, Try, rename};
use store::{Halt, Tx, actions, orders, swaps};

use crate::parts::Parts;

pub(super) async fn effects(tx: &mut Tx, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, Halt> {
    let (order, job) = (tried.run.order.as_ref().ok_or(Halt::Lost)?, tried.run.job.as_ref().ok_or(Halt::Lost)?);
    let renaming = Renaming {
        order: orders::lock(tx, order).await?.ok_or(Halt::Lost)?,
        swap: swaps::load(tx, &SwapId::opaque(job)).await?.ok_or(Halt::Lost)?,
        open_action: actions::open_of_domain(tx, &tried.domain.id).await?,
    };
    Ok(rename(&renaming, moved, tried.now, &parts.ids))
}
