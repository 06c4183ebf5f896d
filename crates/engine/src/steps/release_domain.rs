//! Takes a name out of our DNS; whose it is then is decided with its row.

use model::run::{Learnt, Outcome};

use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    cx.redirector().ask(|redirector| redirector.ensure_no_redirect(&cx.call)).await?;
    cx.dns().ask(|dns| dns.ensure_no_zone(&cx.call)).await?;
    Ok(Outcome::done(Learnt::Nothing))
}
