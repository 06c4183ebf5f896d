//! Around the renewal of a name.

use model::change::Change;
use model::run::{Moved, Renewing, Try, renew};
use store::{Halt, Tx, actions, orders};

use crate::parts::Parts;

pub(super) async fn effects(tx: &mut Tx, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, Halt> {
    let Some(id) = &tried.run.order else { return Ok(Change::default()) };
    let renewing = Renewing {
        order: orders::lock(tx, id).await?.ok_or(Halt::Lost)?,
        before: tried.domain.clone(),
        open_action: actions::open_of_domain(tx, &tried.domain.id).await?,
    };
    Ok(renew(&renewing, moved, tried.now, &parts.ids))
}
