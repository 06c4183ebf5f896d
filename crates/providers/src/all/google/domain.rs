//! Domains of the tenant: added, and proved to be the tenant's.

use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::{RrSet, RrType};
use model::domain::DomainName;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::Google;
use super::scope::Scope;
use super::wire::{Domain, Proof};
use crate::call::Call;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// Seconds that resolvers may keep the records.
const TTL: u32 = 3_600;
/// How the vendor is shown whose a name is. Its description says "DNS", and takes only this.
const METHOD: &str = "DNS_TXT";
/// How long a look at the records of the name takes to say something else, in microseconds.
const LOOKS_AGAIN: i64 = 5 * MINUTE;
/// How long the directory takes to hear that a name is proved.
const HEARS: i64 = MINUTE;

impl Google {
    pub(super) fn domains(&self, operation: &'static str, method: Method, path: &[&str]) -> Request {
        let customer = ["admin", "directory", "v1", "customer", &self.customer, "domains"];
        Request::new(operation, method, &[&customer, path].concat())
    }

    /// A name as the tenant has it.
    pub(super) async fn domain(&self, name: &DomainName) -> Result<Option<Domain>, Trouble> {
        self.look(Scope::Domains, self.domains("look_at_domain", Method::Get, &[name.as_str()])).await
    }

    pub(super) async fn open_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let name = &call.subject;
        if self.domain(name).await?.is_none() {
            self.add_domain(name).await?;
        }
        let request = Request::new("ask_for_proof", Method::Post, &["siteVerification", "v1", "token"]).looks();
        let request = request.body(json!({ "verificationMethod": METHOD, "site": site(name) }));
        match self.ask(Scope::Sites, request).await? {
            Ok(answer) => Ok(records(name, answer.json::<Proof>()?.token)),
            Err(no) => Err(self.refused(&no, Scope::Sites)),
        }
    }

    async fn add_domain(&self, name: &DomainName) -> Result<(), Trouble> {
        let request = self.domains("add_domain", Method::Post, &[]).body(json!({ "domainName": name.as_str() }));
        match self.ask(Scope::Domains, request).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 409 => match self.domain(name).await? {
                // Somebody was faster, or an earlier try was and was not heard.
                Some(_) => Ok(()),
                // It is in another tenant, whose administrator alone can let it go.
                None => Err(Trouble::Refused(Refused::Ask(ActionReason::DomainInAnotherTenant))),
            },
            Err(no) => Err(self.refused(&no, Scope::Domains)),
        }
    }

    pub(super) async fn verify_domain(&self, call: &Call) -> Result<(), Trouble> {
        let name = &call.subject;
        let Some(domain) = self.domain(name).await? else { return Err(Trouble::Later(None)) };
        if domain.verified {
            return Ok(());
        }
        let request = Request::new("prove", Method::Post, &["siteVerification", "v1", "webResource"]);
        let request = request.query("verificationMethod", METHOD);
        let request = request.body(json!({ "site": site(name), "owners": [self.tokens.subject()] }));
        match self.ask(Scope::Sites, request).await? {
            Ok(answer) => _ = answer.json::<IgnoredAny>()?,
            Err(no) if no.status == 400 => return Err(Trouble::Later(Some(call.now.plus(LOOKS_AGAIN)))),
            Err(no) => return Err(self.refused(&no, Scope::Sites)),
        }
        match self.domain(name).await? {
            Some(domain) if domain.verified => Ok(()),
            Some(_) | None => Err(Trouble::Later(Some(call.now.plus(HEARS)))),
        }
    }
}

fn site(name: &DomainName) -> Value {
    json!({ "type": "INET_DOMAIN", "identifier": name.as_str() })
}

/// Everything that the vendor wants in the zone. The key that mail is signed with comes from a person.
fn records(name: &DomainName, proof: String) -> Vec<RrSet> {
    let set = |rtype, values| RrSet { name: name.to_string(), rtype, ttl: TTL, values };
    vec![
        set(RrType::Mx, vec!["1 smtp.google.com".into()]),
        set(RrType::Txt, vec!["v=spf1 include:_spf.google.com ~all".into(), proof]),
    ]
}
