//! Around a look at a domain that works.

use model::change::Change;
use model::run::{Moved, Watching, watch};
use store::{Halt, Tx, actions, orders};

use super::Facts;
use crate::parts::Parts;

pub(super) async fn around(tx: &mut Tx, parts: &Parts, facts: &Facts<'_>, moved: &Moved) -> Result<Change, Halt> {
    let Some(id) = &facts.run.order else { return Ok(Change::default()) };
    let watching = Watching {
        order: orders::lock(tx, id).await?.ok_or(Halt::Lost)?,
        before: facts.domain.clone(),
        open_action: actions::open_of_domain(tx, &facts.domain.id).await?,
    };
    Ok(watch(&watching, moved, facts.now, &parts.ids))
}
