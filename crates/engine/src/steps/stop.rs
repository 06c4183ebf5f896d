//! Ends the making of a domain that nobody wants any more: looks whether its name was bought, buys nothing.

use model::domain::{Source, Stop};
use model::run::{Learnt, Outcome, StepName, Then};
use providers::trouble::Trouble;

use super::{close_inboxes, create_inboxes, register_name, release_domain};
use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let cx = &cx.clearing();
    clear_away(cx).await?;
    if cx.domain.held {
        return Ok(Outcome { learnt: unheard_of(cx).await?, then: Then::Stop });
    }
    // The answer to an earlier purchase may have been lost: what is ours must not be credited.
    let bought = cx.registrar().ask(|registrar| registrar.registered(&cx.call)).await?;
    let learnt = bought.map_or(Learnt::Nothing, register_name::learnt);
    Ok(Outcome { learnt, then: Then::Stop })
}

/// What was set up for a domain that will never work goes before it is said to have failed: nobody closes it later,
/// and nobody pays for its mailboxes. While that is not done, the verdict is kept and the clearing tried again.
pub(super) async fn clear_up_after(cx: &Cx<'_>, words: String) -> Outcome {
    match take_down(&cx.clearing()).await {
        Ok(()) => Outcome::then(Then::Fail { words }),
        Err(fault @ (Fault::Of(_, Trouble::Refused(_)) | Fault::Ours(Then::Fail { .. }))) => {
            tracing::error!(domain = %cx.domain.id, ?fault, "what was set up for a failed domain could not be removed");
            Outcome::then(Then::Fail { words })
        }
        Err(fault) => Outcome { learnt: Learnt::Hopeless { words }, then: fault.then() },
    }
}

/// The mailboxes of what is cancelled are paid for until the period ends; all others go at once.
async fn clear_away(cx: &Cx<'_>) -> Result<(), Fault> {
    match cx.domain.stop {
        Some(Stop::Replaced | Stop::GivenUp) => take_down(cx).await,
        Some(Stop::Cancelled) | None => Ok(()),
    }
}

/// So many tries of the step may have been made where a mail host that does not answer is asked once more.
const TRIES: i64 = 5;

/// The mailboxes that were made and not put down when the making was cancelled: they are there until the period ends, and are shown.
/// A cancellation neither waits long for that, nor asks anybody, nor fails by it.
async fn unheard_of(cx: &Cx<'_>) -> Result<Learnt, Fault> {
    let is_made = cx.domain.stop == Some(Stop::Cancelled) && cx.has_come_to(StepName::CreateInboxes);
    if !is_made {
        return Ok(Learnt::Nothing);
    }
    match create_inboxes::found(cx).await {
        Ok(found) => Ok(Learnt::Inboxes(found)),
        Err(Fault::Of(_, Trouble::Later(_) | Trouble::UnderWay(..) | Trouble::Unknown))
            if cx.run.attempts() < TRIES =>
        {
            let words = "The mail host does not say which mailboxes there are; we try again.".into();
            Err(Fault::Ours(Then::Retry { words }))
        }
        Err(fault) => {
            tracing::warn!(domain = %cx.domain.id, ?fault, "a cancelled domain may have mailboxes that are not shown until they go");
            Ok(Learnt::Nothing)
        }
    }
}

/// A zone that was there before stays.
async fn take_down(cx: &Cx<'_>) -> Result<(), Fault> {
    if cx.has_come_to(StepName::OpenMailDomain) {
        close_inboxes::run(cx).await?;
    }
    if cx.has_come_to(StepName::CreateZone) && cx.domain.source == Source::Registrar {
        release_domain::run(cx).await?;
    }
    Ok(())
}
