//! Looks whether a domain's records are still as they should be, and puts right what is ours to put right.

use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::{DnsHealth, HostedZone};
use model::domain::{DomainStatus, is_on_hold};
use model::run::{LOOK, Learnt, Outcome, RunState, Then};

use super::confirm_ready::look;
use super::delegate_name::is_seen;
use super::publish_records::publish;
use crate::cx::Cx;
use crate::party::{Fault, ask};

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let asking = cx.run.state == RunState::Asking;
    match cx.domain.status {
        DomainStatus::Active => {}
        DomainStatus::ActionRequired if asking => {}
        // Another question is open; it comes first.
        DomainStatus::ActionRequired => return Ok(again(cx, Learnt::Nothing, LOOK)),
        _ => return Ok(Outcome::done(Learnt::Nothing)),
    }
    let health = look(cx).await?;
    if !health.is_ok() {
        return mend(cx, health).await;
    }
    let learnt =
        if cx.zone.is_some_and(HostedZone::is_behind) { published(cx, health).await? } else { Learnt::Dns(health) };
    Ok(if asking { Outcome::done(learnt) } else { again(cx, learnt, LOOK) })
}

/// Makes the zone have what it should; where it is not asked any more, somebody has to point the name at it.
async fn mend(cx: &Cx<'_>, health: DnsHealth) -> Result<Outcome, Fault> {
    let learnt = published(cx, health).await?;
    if is_seen(cx).await? {
        return Ok(again(cx, learnt, 10 * MINUTE));
    }
    // Its registry has no nameservers for a name on hold, whoever set them.
    let statuses = cx.observer().ask(|observer| observer.registry_statuses(&cx.call)).await?;
    let on_hold = is_on_hold(&statuses.unwrap_or_default());
    let reason = if on_hold { ActionReason::NameOnHold } else { ActionReason::NameserversNotPointed };
    Ok(Outcome { learnt, then: ask(reason) })
}

async fn published(cx: &Cx<'_>, health: DnsHealth) -> Result<Learnt, Fault> {
    Ok(match publish(cx).await? {
        Some(serial) => Learnt::Mended { health, serial },
        None => Learnt::Dns(health),
    })
}

fn again(cx: &Cx<'_>, learnt: Learnt, after: i64) -> Outcome {
    let then = Then::Wait { until: cx.now.partner().plus(after), why: "It is looked at once a day.".into() };
    Outcome { learnt, then }
}
