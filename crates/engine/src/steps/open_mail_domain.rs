//! Opens the mail domain and learns which records it wants.

use model::run::{Learnt, Outcome};

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let records = cx.tenant()?.ask(|host| host.ensure_domain(&cx.call)).await?;
    Ok(Outcome::done(Learnt::MailDomain { records }))
}
