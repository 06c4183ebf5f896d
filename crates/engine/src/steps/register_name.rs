//! Buys the name, unless it is ours already.

use model::run::{Learnt, Outcome};
use providers::trouble::Trouble;

use crate::cx::Cx;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    if cx.domain.held {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let expires_at = cx.cast.registrar.ensure_registered(&cx.call, cx.domain.cost_cents).await?;
    Ok(Outcome::done(Learnt::Registered { expires_at }))
}
