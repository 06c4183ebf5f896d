//! Buys the name, unless it is ours already.

use model::run::{Learnt, Outcome};

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.domain.held {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    let most = cx.domain.cost_cents;
    let expires_at = cx.registrar().ask(|registrar| registrar.ensure_registered(&cx.call, most)).await?;
    Ok(Outcome::done(Learnt::Registered { expires_at }))
}
