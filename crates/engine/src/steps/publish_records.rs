//! Makes whoever serves the zone equal to its row: what the mail host wants, and DMARC.

use model::run::{Learnt, Outcome, first_policy};

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let learnt = publish(cx).await?.map_or(Learnt::Nothing, |serial| Learnt::Published { serial });
    Ok(Outcome::done(learnt))
}

/// Makes all the records be there, and those that are not wanted any more be gone. Answers which version of the zone's row
/// that was; a domain from before zones were kept has none, and what its run remembers is written.
pub(super) async fn publish(cx: &Cx<'_>) -> Result<Option<i64>, Fault> {
    let records = match cx.zone {
        Some(zone) => zone.to_write(),
        None => {
            let policy = first_policy(cx.domain.name.as_str());
            cx.run.memory.mail_records.iter().cloned().chain([policy]).collect()
        }
    };
    cx.dns().ask(|dns| dns.ensure_records(&cx.call, &records)).await?;
    Ok(cx.zone.map(|zone| zone.serial))
}
