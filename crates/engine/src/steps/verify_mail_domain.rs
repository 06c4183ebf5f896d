//! Has the mail host look for the ownership record and accept the domain, and publishes what it wants only then.

use model::dns::Purpose;
use model::run::{Learnt, Outcome, Then};

use super::publish_records::publish;
use crate::cx::Cx;
use crate::party::Fault;

/// What is waited for while further records are being published.
const PUBLISHING: &str =
    "The mail provider has accepted the domain; the records that it wants beside are being published.";

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.zone.is_some_and(|zone| zone.is_behind()) {
        let learnt = publish(cx).await?.map_or(Learnt::Nothing, |serial| Learnt::Published { serial });
        return Ok(Outcome { learnt, then: Then::Again });
    }
    // A host that says something else each time is asked less and less often.
    let soon = Then::Retry { words: PUBLISHING.into() };
    let records = cx.mail_host()?.ask(|host| host.ensure_verified(&cx.call)).await?;
    let is_new = cx.zone.is_some_and(|zone| !records.is_empty() && !zone.has(Purpose::Mail, &records));
    let learnt = if records.is_empty() { Learnt::Nothing } else { Learnt::MailDomain { records } };
    Ok(Outcome { learnt, then: if is_new { soon } else { Then::Done } })
}
