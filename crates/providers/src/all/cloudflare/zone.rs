//! Zones as the account has them.

use model::clock::{HOUR, MINUTE};
use model::domain::DomainName;
use serde::Deserialize;
use serde_json::{Value, json};

use super::wire::No;
use super::{Cloudflare, Right};
use crate::call::Call;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// Somebody has it already: this account, or another one.
const EXISTS: [u64; 1] = [1_061];
/// The registry does not know the name yet.
const NOT_REGISTERED: [u64; 1] = [1_049];
/// It was added and removed too often of late.
const TOO_OFTEN: [u64; 1] = [1_105];
/// As many zones wait for their delegation as the account may have.
const TOO_MANY: [u64; 1] = [1_118];

/// A zone.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Zone {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default)]
    paused: Option<bool>,
    #[serde(rename = "type")]
    kind: Option<String>,
    name_servers: Option<Vec<String>>,
    account: Option<Owner>,
}

#[derive(Clone, Debug, Deserialize)]
struct Owner {
    id: Option<String>,
    name: Option<String>,
}

impl Zone {
    /// Whether the vendor only answers for it, and stands before nothing: also what we leave of a zone that cannot be
    /// removed.
    pub(super) fn is_paused(&self) -> bool {
        self.paused == Some(true)
    }

    /// The servers that it is served by, in lower case, sorted; two zones of one account may have different ones.
    pub(super) fn servers(&self) -> Vec<String> {
        sorted(self.name_servers.iter().flatten())
    }

    /// What people call the account that it is in.
    pub(super) fn account_name(self) -> Option<String> {
        self.account?.name
    }

    fn is(&self, name: &DomainName, account: &str) -> bool {
        let is_ours = self.account.as_ref().is_none_or(|owner| owner.id.as_deref().is_none_or(|id| id == account));
        is_ours && self.name.eq_ignore_ascii_case(name.as_str())
    }
}

/// Servers as they are compared.
pub(super) fn sorted<'a>(servers: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut servers: Vec<_> = servers.map(|one| one.trim_end_matches('.').to_ascii_lowercase()).collect();
    servers.sort();
    servers.dedup();
    servers
}

impl Cloudflare {
    /// The zone of a name in this account.
    pub(super) async fn zone(&self, name: &DomainName) -> Result<Option<Zone>, Trouble> {
        let request = Request::new("look_at_zone", Method::Get, &["zones"]);
        let request = request.query("name", name.as_str()).query("account.id", self.account.as_str());
        let found: Vec<Zone> = self.get(request, Right::Zones).await?;
        let zone = found.into_iter().find(|zone| zone.is(name, &self.account));
        match zone.as_ref().and_then(|zone| zone.kind.as_deref()) {
            None | Some("full") => Ok(zone),
            Some(kind) => Err(Trouble::Refused(Refused::ForGood(format!(
                "{name} is set up at Cloudflare as a {kind} zone, whose records are kept elsewhere."
            )))),
        }
    }

    /// The zone of a name, where there is one that works.
    pub(super) async fn working_zone(&self, name: &DomainName) -> Result<Zone, Trouble> {
        let zone = self.zone(name).await?.filter(|zone| !zone.is_paused());
        zone.ok_or_else(|| Trouble::Refused(Refused::ForGood(format!("Cloudflare serves no zone for {name}."))))
    }

    /// Makes a zone; one that another call has made meanwhile is as good.
    pub(super) async fn make_zone(&self, call: &Call) -> Result<Zone, Trouble> {
        let name = &call.subject;
        let body = json!({ "name": name.as_str(), "account": { "id": self.account }, "type": "full" });
        let request = Request::new("create_zone", Method::Post, &["zones"]).body(body);
        match self.ask::<Zone>(request).await? {
            Ok(envelope) => envelope.only(),
            Err(no) if no.has(&EXISTS) => self.zone(name).await?.ok_or_else(|| {
                Trouble::Misconfigured(format!(
                    "Cloudflare makes no zone for {name} in the account {}: another account has it. Remove it there, or \
                     configure that account.",
                    self.vendor.account()
                ))
            }),
            Err(no) => Err(self.no_zone(call, &no)),
        }
    }

    fn no_zone(&self, call: &Call, no: &No) -> Trouble {
        let (name, account) = (&call.subject, self.vendor.account());
        if no.has(&NOT_REGISTERED) {
            return Trouble::Later(Some(call.now.plus(5 * MINUTE)));
        }
        if no.has(&TOO_OFTEN) {
            return Trouble::Later(Some(call.now.plus(3 * HOUR)));
        }
        if no.has(&TOO_MANY) || no.says(&["exceeded the limit", "maximum number of zones"]) {
            return Trouble::Misconfigured(format!(
                "The account {account} has as many zones at Cloudflare as it may have, or too many that still wait for \
                 their delegation: remove some, have the limit raised, or configure another account."
            ));
        }
        match no.status {
            403 => self.refused(no, Right::Zones),
            _ => Trouble::Refused(Refused::ForGood(format!(
                "Cloudflare does not host {name}; its words are in the log."
            ))),
        }
    }

    /// Has the vendor stand before a zone, or only answer for it.
    pub(super) async fn pause(&self, zone: &Zone, is_paused: bool) -> Result<(), Trouble> {
        let request = Request::new("pause_zone", Method::Patch, &["zones", &zone.id]);
        self.get::<Value>(request.body(json!({ "paused": is_paused })), Right::Zones).await.map(drop)
    }
}
