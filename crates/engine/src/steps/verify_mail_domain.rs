//! Has the mail host look for the ownership record and accept the domain.

use model::run::{Learnt, Outcome};
use providers::trouble::Trouble;

use crate::cx::Cx;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    cx.mail_host()?.ensure_verified(&cx.call).await?;
    Ok(Outcome::done(Learnt::Nothing))
}
