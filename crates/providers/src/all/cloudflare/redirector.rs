//! Cloudflare as a redirector, of names whose zones it hosts.

use async_trait::async_trait;
use model::dns::{Data, RrSet};
use model::domain::DomainName;
use serde_json::json;

use super::Cloudflare;
use super::changes::{Change, web};
use super::records::{MARK, Record};
use super::rules::{Rule, rule};
use crate::call::Call;
use crate::roles::Redirector;
use crate::trouble::{Refused, Trouble};

/// An address that leads nowhere (RFC 5737): nobody comes as far as that.
const NOWHERE: &str = "192.0.2.1";

/// The vendor has to stand before the web address, so an address record has to be there that says so. Where there is none,
/// one is made that does nothing else; one that is there is only told that it is stood before.
#[async_trait]
impl Redirector for Cloudflare {
    async fn ensure_redirect(&self, call: &Call, target: &str) -> Result<Vec<RrSet>, Trouble> {
        let name = &call.subject;
        let zone = self.working_zone(name).await?;
        self.change(&zone, |known| fronted(name, known)).await?;
        self.ensure_rule(&zone, &rule(&web(name), target)).await?;
        Ok(vec![])
    }

    async fn ensure_no_redirect(&self, call: &Call) -> Result<(), Trouble> {
        let Some(zone) = self.zone(&call.subject).await? else { return Ok(()) };
        self.remove_rules(&zone, Rule::is_ours).await?;
        let marks = |known: &[Record]| known.iter().filter(|record| record.is_mark()).map(Change::delete).collect();
        self.change(&zone, |known| Ok(vec![marks(known)])).await
    }
}

/// What has the vendor stand before the web addresses of a name.
fn fronted(zone: &DomainName, known: &[Record]) -> Result<Vec<Vec<Change>>, Trouble> {
    web(zone).iter().map(|host| before(host, known)).collect()
}

fn before(host: &str, known: &[Record]) -> Result<Vec<Change>, Trouble> {
    let here = known.iter().filter(|record| record.is_address() && record.name.eq_ignore_ascii_case(host));
    let here: Vec<_> = here.collect();
    if here.is_empty() {
        let mark = json!({
            "name": host, "type": "A", "ttl": 1, "content": NOWHERE, "proxied": true, "comment": MARK,
        });
        return Ok(vec![Change::Post(mark)]);
    }
    let hidden: Vec<_> = here.iter().filter(|record| !record.is_proxied()).collect();
    if !hidden.is_empty() && known.iter().any(|record| serves(record, host)) {
        return Err(Trouble::Refused(Refused::ForGood(format!(
            "Mail or another service goes to {host}, so its web address cannot be redirected: give that service a name of its \
             own first."
        ))));
    }
    Ok(hidden.iter().map(|record| Change::patch(record, 1, Some(true))).collect())
}

/// Whether somebody is sent to the host by this record for something that is no web page, and would not come through.
fn serves(record: &Record, host: &str) -> bool {
    match record.says() {
        Some(Data::Mx(_, target) | Data::Srv(_, _, _, target)) => target == host,
        _ => false,
    }
}
