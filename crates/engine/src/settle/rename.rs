//! Around the renaming of an inbox.

use model::change::Change;
use model::id::{Id, SwapId};
use model::run::{Moved, Renaming, Try, rename};
use store::locks::level::Partner;
use store::{Halt, Locks, actions, swaps};

use crate::parts::Parts;

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    let job = tried.run.job.as_ref().ok_or(Halt::Lost)?;
    let (mut tx, order) = tx.order_of(tried.run).await?;
    let renaming = Renaming {
        order,
        swap: swaps::load(&mut tx, &SwapId::opaque(job)).await?.ok_or(Halt::Lost)?,
        open_action: actions::open_of_domain(&mut tx, &tried.domain.id).await?,
    };
    Ok(rename(&renaming, moved, tried.now, &parts.ids))
}
