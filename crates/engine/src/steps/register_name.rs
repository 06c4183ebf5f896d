//! Buys the name, unless it is ours already.

use model::intent::{LOOK, PAUSED, Permit};
use model::run::{Learnt, Outcome, Then};

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.domain.held {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let most = cx.domain.cost_cents;
    match cx.permit {
        Permit::Buy(_) => {
            let expires_at = cx.registrar().ask(|registrar| registrar.ensure_registered(&cx.call, most)).await?;
            Ok(Outcome::done(Learnt::Registered { expires_at }))
        }
        Permit::FindOut => find_out(cx).await,
        Permit::Wait => Ok(paused(cx)),
    }
}

/// An earlier purchase may have come about: that is looked for, and nothing is bought.
async fn find_out(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    match cx.registrar().ask(|registrar| registrar.registered(&cx.call)).await? {
        Some(expires_at) => Ok(Outcome::done(Learnt::Registered { expires_at })),
        None => Ok(paused(cx)),
    }
}

/// Nothing is bought until the operator resumes.
pub(super) fn paused(cx: &Cx<'_>) -> Outcome {
    Outcome::then(Then::Wait { until: cx.now.partner().plus(LOOK), why: PAUSED.into() })
}
