//! Around the renaming of an inbox.

use model::change::Change;
use model::id::{Id, SwapId};
use model::run::{Moved, Renaming, rename};
use store::{Halt, Tx, actions, orders, swaps};

use super::Facts;
use crate::parts::Parts;

pub(super) async fn around(tx: &mut Tx, parts: &Parts, facts: &Facts<'_>, moved: &Moved) -> Result<Change, Halt> {
    let (order, job) = (facts.run.order.as_ref().ok_or(Halt::Lost)?, facts.run.job.as_ref().ok_or(Halt::Lost)?);
    let renaming = Renaming {
        order: orders::lock(tx, order).await?.ok_or(Halt::Lost)?,
        swap: swaps::load(tx, &SwapId::opaque(job)).await?.ok_or(Halt::Lost)?,
        open_action: actions::open_of_domain(tx, &facts.domain.id).await?,
    };
    Ok(rename(&renaming, moved, facts.now, &parts.ids))
}
