//! Around the renewal of a name.

use model::change::Change;
use model::run::{Moved, Renewing, renew};
use store::{Halt, Tx, actions, orders};

use super::Facts;
use crate::parts::Parts;

pub(super) async fn around(tx: &mut Tx, parts: &Parts, facts: &Facts<'_>, moved: &Moved) -> Result<Change, Halt> {
    let Some(id) = &facts.run.order else { return Ok(Change::default()) };
    let renewing = Renewing {
        order: orders::lock(tx, id).await?.ok_or(Halt::Lost)?,
        before: facts.domain.clone(),
        open_action: actions::open_of_domain(tx, &facts.domain.id).await?,
    };
    Ok(renew(&renewing, moved, facts.now, &parts.ids))
}
