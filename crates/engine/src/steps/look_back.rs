//! Looks whether work that came too late has left something behind: what is set up for a domain that has left is taken
//! down, and a name that was bought is ours.

use model::domain::{Domain, DomainStatus, Source};
use model::run::{Learnt, Outcome};

use super::{close_inboxes, register_name, release_domain};
use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if nobody_uses_it(cx) {
        if cx.domain.provider.is_some() {
            close_inboxes::run(cx).await?;
        }
        if cx.domain.source == Source::Registrar {
            release_domain::run(cx).await?;
        }
    }
    if cx.domain.source != Source::Registrar {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let bought = cx.registrar().ask(|registrar| registrar.registered(&cx.call)).await?;
    let learnt = bought.map_or(Learnt::Nothing, register_name::learnt);
    Ok(Outcome::done(learnt))
}

/// Whether nothing of the name works for anybody: it has left, and lies in the inventory at most.
fn nobody_uses_it(cx: &Cx<'_>) -> bool {
    let left = matches!(cx.domain.status, DomainStatus::Failed | DomainStatus::Released);
    let lies = |one: &Domain| one.status == DomainStatus::Available && one.source == Source::Registrar;
    left && cx.holder.is_none_or(lies)
}
