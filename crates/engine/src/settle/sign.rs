//! Around the signing of mail that an order had not waited for.

use model::change::Change;
use model::run::{Moved, Signing, Try, sign};
use store::locks::level::Partner;
use store::{Halt, Locks, actions};

use crate::parts::Parts;

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    if tried.run.order.is_none() {
        return Ok(Change::default());
    }
    let (mut tx, order) = tx.order_of(tried.run).await?;
    let open_action = actions::open_of_domain(&mut tx, &tried.domain.id).await?;
    Ok(sign(&Signing { order, open_action }, moved, tried.now, &parts.ids))
}
