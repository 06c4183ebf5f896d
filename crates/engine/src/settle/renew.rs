//! Around the renewal of a name.

use model::change::Change;
use model::run::{Moved, Renewing, Try, renew};
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
    let renewing = Renewing {
        order,
        before: tried.domain.clone(),
        open_action: actions::open_of_domain(&mut tx, &tried.domain.id).await?,
        book: parts.settings.rules.of(&tried.run.world).book,
    };
    Ok(renew(&renewing, moved, tried.now, &parts.ids))
}
