//! Points the name at its zone's nameservers, and waits until the world sees it.

use model::dns::RrType;
use model::domain::Source;
use model::run::{Learnt, Outcome, await_delegation};

use super::confirm_ready;
use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let wanted = &cx.run.memory.nameservers;
    if cx.domain.source == Source::Registrar {
        cx.registrar().ask(|registrar| registrar.ensure_nameservers(&cx.call, wanted)).await?;
    }
    if is_seen(cx).await? {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    Ok(Outcome::then(await_delegation(cx.run, cx.domain, cx.now.partner())))
}

/// Whether the world sees the zone's nameservers at the name.
pub(super) async fn is_seen(cx: &Cx<'_>) -> Result<bool, Fault> {
    let wanted = &cx.run.memory.nameservers;
    let seen = confirm_ready::seen(cx, cx.domain.name.as_str(), RrType::Ns).await?;
    Ok(wanted.iter().all(|host| seen.iter().any(|other| same_host(host, other))))
}

pub(super) fn same_host(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}
