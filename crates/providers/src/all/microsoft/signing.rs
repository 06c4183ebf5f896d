//! The domain's signing: two names that the vendor tells and chooses itself, and a switch.

use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::{RrSet, RrType};
use model::domain::DomainName;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Microsoft;
use super::exchange::{LOOK_AT_SIGNING, MAKE_KEYS, SIGN};
use crate::call::Call;
use crate::trouble::{Refused, Trouble};

/// Seconds that resolvers may keep the records.
const TTL: u32 = 3_600;
/// How long the mail service takes to see what is published, in microseconds.
const SEES: i64 = 15 * MINUTE;
/// What the two are called.
const SELECTORS: [&str; 2] = ["selector1", "selector2"];

/// How a domain's mail is signed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Signing {
    enabled: bool,
    #[serde(rename = "Selector1CNAME")]
    first: String,
    #[serde(rename = "Selector2CNAME")]
    second: String,
}

impl Microsoft {
    pub(super) async fn sign(&self, call: &Call, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        let name = &call.subject;
        if !self.has_exchange {
            return by_hand(name, published);
        }
        let signing = match self.signing(name).await? {
            Some(signing) => signing,
            None => self.make_keys(call).await?,
        };
        let wanted = wanted(name, &signing);
        if signing.enabled || !wanted.iter().all(|set| is_there(set, published)) {
            return Ok(wanted);
        }
        match self.command(SIGN, json!({ "Identity": name.as_str(), "Enabled": true })).await? {
            Ok(_) => Ok(wanted),
            // It does not see the records yet, and says which it looks for.
            Err(no) if no.status == 400 => Err(Trouble::Later(Some(call.now.plus(SEES)))),
            Err(no) => Err(self.unmanaged(&no)),
        }
    }

    async fn signing(&self, name: &DomainName) -> Result<Option<Signing>, Trouble> {
        match self.command(LOOK_AT_SIGNING, json!({ "Identity": name.as_str() })).await? {
            Ok(value) => value.into_iter().next().map(read).transpose(),
            Err(no) if no.status == 404 || no.says("ManagementObjectNotFound") => Ok(None),
            Err(no) => Err(self.unmanaged(&no)),
        }
    }

    async fn make_keys(&self, call: &Call) -> Result<Signing, Trouble> {
        let name = &call.subject;
        let parameters = json!({ "DomainName": name.as_str(), "KeySize": 2048, "Enabled": false });
        match self.command(MAKE_KEYS, parameters).await? {
            Ok(_) => self.signing(name).await?.ok_or(Trouble::Later(None)),
            // Somebody was faster, or the domain was accepted a moment ago and the mail service has not heard.
            Err(no) if matches!(no.status, 400 | 404) => match self.signing(name).await? {
                Some(signing) => Ok(signing),
                None => Err(Trouble::Later(Some(call.now.plus(SEES)))),
            },
            Err(no) => Err(self.unmanaged(&no)),
        }
    }
}

/// Whoever has switched it on has published what their console told: both names, wherever they lead.
fn by_hand(name: &DomainName, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
    let keys = SELECTORS.map(|selector| format!("{selector}._domainkey.{name}"));
    let is_key = |set: &&RrSet| set.rtype == RrType::Cname && keys.iter().any(|key| set.name.eq_ignore_ascii_case(key));
    let known: Vec<_> = published.iter().filter(is_key).cloned().collect();
    match known.len() == keys.len() {
        true => Ok(known),
        false => Err(Trouble::Refused(Refused::Ask(ActionReason::DkimNeedsEnabling))),
    }
}

fn wanted(name: &DomainName, signing: &Signing) -> Vec<RrSet> {
    let targets = [&signing.first, &signing.second];
    let set = |(selector, target): (&str, &String)| RrSet {
        name: format!("{selector}._domainkey.{name}"),
        rtype: RrType::Cname,
        ttl: TTL,
        values: vec![target.trim_end_matches('.').to_owned()],
    };
    SELECTORS.into_iter().zip(targets).map(set).collect()
}

fn is_there(wanted: &RrSet, published: &[RrSet]) -> bool {
    let leads = |set: &RrSet| {
        set.values.iter().any(|value| value.trim_end_matches('.').eq_ignore_ascii_case(&wanted.values[0]))
    };
    published.iter().any(|set| set.rtype == wanted.rtype && set.name.eq_ignore_ascii_case(&wanted.name) && leads(set))
}

/// What is in another shape says nothing, and nothing was done by a look.
fn read(value: Value) -> Result<Signing, Trouble> {
    serde_json::from_value(value).map_err(|_| Trouble::Later(None))
}
