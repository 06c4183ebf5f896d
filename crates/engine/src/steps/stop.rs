//! Ends the making of a domain that nobody wants any more: looks whether its name was bought, buys nothing.

use model::run::{Learnt, Outcome, Then};
use providers::trouble::Trouble;

use crate::cx::Cx;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    if cx.domain.held {
        return Ok(Outcome::then(Then::Stop));
    }
    // The answer to an earlier purchase may have been lost: what is ours must not be credited.
    let bought = cx.cast.registrar.registered(&cx.call).await?;
    let learnt = bought.map_or(Learnt::Nothing, |expires_at| Learnt::Registered { expires_at });
    Ok(Outcome { learnt, then: Then::Stop })
}
