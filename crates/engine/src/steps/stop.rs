//! Ends the making of a domain that nobody wants any more: looks whether its name was bought, buys nothing.

use model::domain::{Source, Stop};
use model::run::{Learnt, Outcome, StepName, Then};
use providers::trouble::Trouble;

use super::{close_inboxes, release_domain};
use crate::cx::Cx;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    clear_away(cx).await?;
    if cx.domain.held {
        return Ok(Outcome::then(Then::Stop));
    }
    // The answer to an earlier purchase may have been lost: what is ours must not be credited.
    let bought = cx.cast.registrar.registered(&cx.call).await?;
    let learnt = bought.map_or(Learnt::Nothing, |expires_at| Learnt::Registered { expires_at });
    Ok(Outcome { learnt, then: Then::Stop })
}

/// What was set up for a replacement that is not wanted goes at once: nobody closes it later. A zone that was
/// there before stays.
async fn clear_away(cx: &Cx<'_>) -> Result<(), Trouble> {
    let unwanted = cx.domain.stop == Some(Stop::Replaced);
    if unwanted && has_come_to(cx, StepName::OpenMailDomain) {
        close_inboxes::run(cx).await?;
    }
    if unwanted && has_come_to(cx, StepName::CreateZone) && cx.domain.source == Source::Registrar {
        release_domain::run(cx).await?;
    }
    Ok(())
}

/// Whether a step was begun, or may have been: the current one's answer may be lost.
fn has_come_to(cx: &Cx<'_>, step: StepName) -> bool {
    let place = |wanted| cx.run.kind.steps().iter().position(|one| *one == wanted);
    place(step) <= place(cx.run.step)
}
