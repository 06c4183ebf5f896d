//! Domains of the tenant: added, verified, and opened for mail. Every record that they want is answered and none is made up.

use std::collections::BTreeMap;

use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::{RrSet, RrType};
use model::domain::DomainName;
use serde_json::json;

use super::Microsoft;
use super::service::Service;
use super::wire::{Data, Domain, Many, Record};
use crate::call::Call;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// The service that a domain is for.
const EMAIL: &str = "Email";
/// How long a look at the records of the name takes to say something else, in microseconds.
const LOOKS_AGAIN: i64 = 5 * MINUTE;
/// How long the services take to hear of each other.
const HEARS: i64 = MINUTE;

impl Microsoft {
    pub(super) fn domains(operation: &'static str, method: Method, path: &[&str]) -> Request {
        Request::new(operation, method, &[&["v1.0", "domains"], path].concat())
    }

    /// A name as the tenant has it.
    pub(super) async fn domain(&self, name: &DomainName) -> Result<Option<Domain>, Trouble> {
        self.look(Self::domains("look_at_domain", Method::Get, &[name.as_str()])).await
    }

    pub(super) async fn open_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let name = &call.subject;
        if self.domain(name).await?.is_none() {
            self.add_domain(name).await?;
        }
        Ok(sets(self.proof(name).await?))
    }

    async fn add_domain(&self, name: &DomainName) -> Result<(), Trouble> {
        let request = Self::domains("add_domain", Method::Post, &[]).body(json!({ "id": name.as_str() }));
        match self.ask(Service::Graph, request).await? {
            Ok(_) => Ok(()),
            Err(no) if no.is_conflict() => match self.domain(name).await? {
                // Somebody was faster, or an earlier try was and was not heard.
                Some(_) => Ok(()),
                None => Err(elsewhere()),
            },
            Err(no) => Err(self.refused(&no)),
        }
    }

    /// What proves whose the name is: of the ways that are offered, the text, which disturbs no mail.
    async fn proof(&self, name: &DomainName) -> Result<Vec<Record>, Trouble> {
        let records = self.records("ask_for_proof", name, "verificationDnsRecords").await?;
        let texts = records.into_iter().filter(|record| matches!(record.data, Data::Txt { .. }));
        let texts: Vec<_> = texts.collect();
        if texts.is_empty() { Err(Trouble::Later(None)) } else { Ok(texts) }
    }

    async fn records(&self, what: &'static str, name: &DomainName, which: &str) -> Result<Vec<Record>, Trouble> {
        let request = Self::domains(what, Method::Get, &[name.as_str(), which]);
        let records = self.look::<Many<Record>>(request).await?;
        Ok(records.map(|many| many.value).unwrap_or_default())
    }

    pub(super) async fn verify_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let name = &call.subject;
        let Some(domain) = self.domain(name).await? else { return Err(Trouble::Later(None)) };
        let domain = if domain.is_verified { domain } else { self.verified(call).await? };
        self.serve_mail(call, &domain).await?;
        let wanted = self.records("ask_for_records", name, "serviceConfigurationRecords").await?;
        let is_for_mail = |record: &Record| record.supported_service.as_deref() == Some(EMAIL);
        let wanted: Vec<_> = wanted.into_iter().filter(is_for_mail).collect();
        if !wanted.iter().any(|record| matches!(record.data, Data::Mx { .. })) {
            return Err(Trouble::Later(Some(call.now.plus(HEARS))));
        }
        Ok(sets(self.proof(name).await?.into_iter().chain(wanted)))
    }

    async fn verified(&self, call: &Call) -> Result<Domain, Trouble> {
        let request = Self::domains("verify_domain", Method::Post, &[call.subject.as_str(), "verify"]);
        match self.ask(Service::Graph, request).await? {
            Ok(answer) => match answer.json::<Domain>()? {
                domain if domain.is_verified => Ok(domain),
                _ => Err(Trouble::Later(Some(call.now.plus(HEARS)))),
            },
            Err(no) if no.says("another") => Err(elsewhere()),
            Err(no) if no.status == 400 => Err(Trouble::Later(Some(call.now.plus(LOOKS_AGAIN)))),
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }

    /// Has the domain be one for mail, beside what it is for already.
    async fn serve_mail(&self, call: &Call, domain: &Domain) -> Result<(), Trouble> {
        if domain.supported_services.iter().any(|service| service == EMAIL) {
            return Ok(());
        }
        let services: Vec<_> = domain.supported_services.iter().map(String::as_str).chain([EMAIL]).collect();
        let request = Self::domains("serve_mail", Method::Patch, &[call.subject.as_str()]);
        match self.ask(Service::Graph, request.body(json!({ "supportedServices": services }))).await? {
            Ok(_) => Ok(()),
            // It was verified a moment ago, which is not known everywhere.
            Err(no) if matches!(no.status, 400 | 404) => Err(Trouble::Later(None)),
            Err(no) => Err(self.refused(&no)),
        }
    }
}

/// That a name is in another tenant, whose administrator alone can let it go.
const fn elsewhere() -> Trouble {
    Trouble::Refused(Refused::Ask(ActionReason::DomainInAnotherTenant))
}

/// Records as they were answered, one set for each name and type, with the shortest of their times to live.
fn sets(records: impl IntoIterator<Item = Record>) -> Vec<RrSet> {
    let mut sets: BTreeMap<(String, &str), RrSet> = BTreeMap::new();
    for record in records {
        let (rtype, value) = match record.data {
            Data::Txt { text } => (RrType::Txt, mended(&text)),
            Data::Mx { mail_exchange, preference } => (RrType::Mx, format!("{preference} {mail_exchange}")),
            Data::Cname { canonical_name } => (RrType::Cname, canonical_name),
            Data::Other => continue,
        };
        let name = record.label.trim_end_matches('.').to_lowercase();
        let set = sets.entry((name.clone(), rtype.as_str())).or_insert_with(|| RrSet {
            name,
            rtype,
            ttl: record.ttl,
            values: vec![],
        });
        set.ttl = set.ttl.min(record.ttl);
        if !set.values.contains(&value) {
            set.values.push(value);
        }
    }
    sets.into_values().collect()
}

/// The vendor's own sample of a policy has a space where none may be, in front of whom it includes.
fn mended(text: &str) -> String {
    match text.starts_with("v=spf1") {
        true => text.replace("include: ", "include:"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_grouped_and_the_stray_space_is_mended() {
        let record = |label: &str, ttl, data| Record { label: label.into(), ttl, supported_service: None, data };
        let text = |text: &str| Data::Txt { text: text.into() };
        let sets = sets([
            record("Acme.com.", 3_600, text("MS=ms1")),
            record("acme.com", 600, text("v=spf1 include: spf.protection.outlook.com -all")),
            record("acme.com", 600, text("MS=ms1")),
            record("acme.com", 3_600, Data::Mx { mail_exchange: "acme-com.mail.example".into(), preference: 0 }),
            record("_sip._tls.acme.com", 3_600, Data::Other),
        ]);
        let set = |rtype, ttl, values: &[&str]| RrSet {
            name: "acme.com".into(),
            rtype,
            ttl,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let policy = "v=spf1 include:spf.protection.outlook.com -all";
        let expected =
            [set(RrType::Mx, 3_600, &["0 acme-com.mail.example"]), set(RrType::Txt, 600, &["MS=ms1", policy])];
        assert_eq!(sets, expected);
    }
}
