//! Opens the mail domain and learns which records it wants.

use model::run::{Learnt, Outcome};
use providers::trouble::Trouble;

use crate::cx::Cx;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let records = cx.mail_host()?.ensure_domain(&cx.call).await?;
    Ok(Outcome::done(Learnt::MailDomain { records }))
}
