//! Takes a name out of our DNS; whose it is then is decided with its row.

use model::run::{Learnt, Outcome};
use providers::trouble::Trouble;

use crate::cx::Cx;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    cx.cast.dns.ensure_no_zone(&cx.call).await?;
    Ok(Outcome::done(Learnt::Nothing))
}
