//! Buys the name, unless it is ours already, or in a tenant where it cannot be used.

use model::action::ActionReason;
use model::intent::{CAPPED, Held, LOOK, PAUSED, Permit};
use model::run::{Learnt, Outcome, RunState, Then};
use providers::roles::Bought;

use crate::cx::Cx;
use crate::party::{Fault, ask};

/// How many tries wait for a mail host that does not say whether a name is in somebody else's tenant. Hardly any is, and a name
/// that waits may be gone: after these it is bought without having been looked for.
const PATIENT: i64 = 4;

/// What is waited for until then, in words a customer can read.
const NOT_SAID: &str =
    "The mail provider does not say yet whether somebody else's tenant has the name; it is bought in a moment.";

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.domain.held {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let most = cx.domain.cost_cents;
    match cx.permit {
        Permit::Buy(_) => {
            if let Some(then) = elsewhere(cx).await? {
                return Ok(Outcome { learnt: Learnt::NotAsked, then });
            }
            let bought = cx.registrar().ask(|registrar| registrar.ensure_registered(&cx.call, most)).await?;
            Ok(Outcome::done(learnt(bought)))
        }
        Permit::FindOut => find_out(cx).await,
        Permit::Wait(held) => Ok(wait(cx, *held)),
    }
}

/// What is done in place of buying a name that would be of no use; `None` where it can be bought, or may have been.
async fn elsewhere(cx: &Cx<'_>) -> Result<Option<Then>, Fault> {
    if cx.call.asked_at.is_some() || cx.domain.provider.is_none() {
        return Ok(None);
    }
    // Whoever said once that it is there is believed until they say something else.
    let waits = cx.run.state == RunState::Asking || cx.run.attempts() < PATIENT;
    Ok(match cx.mail_host()?.ask(|host| host.is_elsewhere(&cx.call)).await {
        Ok(Some(true)) => Some(ask(ActionReason::DomainInAnotherTenant)),
        Err(_) if waits => Some(Then::Retry { words: NOT_SAID.into() }),
        Ok(Some(false) | None) | Err(_) => None,
    })
}

/// An earlier purchase may have come about: that is looked for, and nothing is bought.
async fn find_out(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    match cx.registrar().ask(|registrar| registrar.registered(&cx.call)).await? {
        Some(bought) => Ok(Outcome::done(learnt(bought))),
        None => Ok(wait(cx, Held::Paused)),
    }
}

/// What a purchase says.
pub(super) fn learnt(bought: Bought) -> Learnt {
    let Bought { expires_at, vendor_id, paid_cents } = bought;
    Learnt::Registered { expires_at, vendor_id, paid_cents }
}

/// Nothing is bought until the operator resumes, or raises the cap.
pub(super) fn wait(cx: &Cx<'_>, held: Held) -> Outcome {
    Outcome::then(match held {
        Held::Paused => Then::Wait { until: cx.now.partner().plus(LOOK), why: PAUSED.into() },
        Held::Capped => Then::Operator { words: CAPPED.into() },
    })
}
