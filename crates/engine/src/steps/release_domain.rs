//! Takes a name out of our DNS; whose it is then is decided with its row.

use model::clock::HOUR;
use model::run::{Learnt, Outcome, Then};
use providers::trouble::RENEWAL_UNDER_WAY;

use crate::cx::Cx;
use crate::party::Fault;

/// How soon it is looked again whether a renewal has come to light.
const LOOK_AGAIN: i64 = HOUR;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.is_renewing {
        let until = cx.now.partner().plus(LOOK_AGAIN);
        return Ok(Outcome::then(Then::Wait { until, why: RENEWAL_UNDER_WAY.into() }));
    }
    cx.redirector().ask(|redirector| redirector.ensure_no_redirect(&cx.call)).await?;
    cx.dns().ask(|dns| dns.ensure_no_zone(&cx.call)).await?;
    Ok(Outcome::done(Learnt::Nothing))
}
