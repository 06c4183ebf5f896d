//! Around the making of a domain: its order, its question, its credits.

use model::change::Change;
use model::run::{Around, Moved, RunState, news, reckon};
use store::{Halt, Tx, actions, domains, inboxes, ledger, orders};

use super::Facts;
use crate::parts::Parts;

pub(super) async fn around(tx: &mut Tx, parts: &Parts, facts: &Facts<'_>, moved: &Moved) -> Result<Change, Halt> {
    if !moved.concerns_order() {
        return Ok(Change::default());
    }
    let id = facts.run.order.as_ref().ok_or(Halt::Lost)?;
    let order = orders::lock(tx, id).await?.ok_or(Halt::Lost)?;
    let tally = domains::tally(tx, id).await?;
    let status = news(&order, tally, moved);
    // Those that this very try changed carry their own rows already.
    let failed = moved.run.state == RunState::Failed && facts.inboxes.is_empty();
    let around = Around {
        open_action: actions::open_of_domain(tx, &facts.domain.id).await?,
        lines: ledger::of_order(tx, id).await?,
        inboxes: if failed { inboxes::of_domain(tx, &facts.domain.id).await? } else { vec![] },
        domains: if status.is_some() { domains::of_order(tx, id).await? } else { vec![] },
        order,
    };
    Ok(reckon(&around, moved, status, facts.now, &parts.ids))
}
