//! Has the mail host look for the ownership record and accept the domain.

use model::run::{Learnt, Outcome};

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let records = cx.mail_host()?.ask(|host| host.ensure_verified(&cx.call)).await?;
    Ok(Outcome::done(if records.is_empty() { Learnt::Nothing } else { Learnt::MailDomain { records } }))
}
