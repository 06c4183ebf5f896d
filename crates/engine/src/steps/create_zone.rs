//! Opens the name's zone and learns which nameservers serve it.

use model::run::{Learnt, Outcome};
use providers::trouble::Trouble;

use crate::cx::Cx;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let nameservers = cx.cast.dns.ensure_zone(&cx.call).await?;
    Ok(Outcome::done(Learnt::Zone { nameservers }))
}
