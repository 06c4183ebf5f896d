//! Buys the name, unless it is ours already.

use model::intent::{CAPPED, Held, LOOK, PAUSED, Permit};
use model::run::{Learnt, Outcome, Then};
use providers::roles::Bought;

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.domain.held {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let most = cx.domain.cost_cents;
    match cx.permit {
        Permit::Buy(_) => {
            let bought = cx.registrar().ask(|registrar| registrar.ensure_registered(&cx.call, most)).await?;
            Ok(Outcome::done(learnt(bought)))
        }
        Permit::FindOut => find_out(cx).await,
        Permit::Wait(held) => Ok(wait(cx, *held)),
    }
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
