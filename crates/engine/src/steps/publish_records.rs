//! Publishes what the mail host wants, and DMARC.

use model::dns::{RrSet, RrType};
use model::run::{Learnt, Outcome};

use crate::cx::Cx;
use crate::party::Fault;

/// Seconds that resolvers may keep a record: an hour, the usual middle.
const TTL: u32 = 3600;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    publish(cx).await?;
    Ok(Outcome::done(Learnt::Nothing))
}

/// Makes all the records be there.
pub(super) async fn publish(cx: &Cx<'_>) -> Result<(), Fault> {
    let mut records = cx.run.memory.mail_records.clone();
    records.push(dmarc(cx.domain.name.as_str()));
    cx.dns().ask(|dns| dns.ensure_records(&cx.call, &records)).await
}

/// A policy that only watches (RFC 9989): what a new sending domain begins with.
fn dmarc(domain: &str) -> RrSet {
    RrSet { name: format!("_dmarc.{domain}"), rtype: RrType::Txt, ttl: TTL, values: vec!["v=DMARC1; p=none".into()] }
}
