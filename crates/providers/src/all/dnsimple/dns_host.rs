//! DNSimple as a DNS host.

use async_trait::async_trait;
use model::dns::{Data, RrSet, RrType, joined};
use model::domain::DomainName;
use model::world::World;
use serde_json::{Value, json};

use super::wire::{Holding, Page, Record, Zone};
use super::{Dnsimple, accepted, done, found};
use crate::call::Call;
use crate::roles::{DnsHost, Redirector};
use crate::trouble::{Refused, Trouble};
use crate::vendor::Method;

/// As many records as one page has.
const PER_PAGE: u64 = 100;
/// More pages than a zone of ours has, whatever the vendor says.
const MOST_PAGES: u64 = 100;
/// How long a redirect may be kept, in seconds.
const REDIRECT_TTL: u32 = 3_600;

/// A record as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    name: String,
    rtype: &'static str,
    content: String,
    ttl: u32,
    priority: Option<u32>,
}

#[async_trait]
impl DnsHost for Dnsimple {
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble> {
        let name = &call.subject;
        match self.zone(name).await? {
            Some(zone) if zone.active => {}
            Some(_) => self.activate(name).await?,
            None => {
                let request = self.request("create_zone", Method::Post, &["domains"]);
                let answer = self.call(request.body(json!({ "name": name.as_str() }))).await?;
                // Somebody was quicker, or has it in another account: the look says which.
                if answer.status != 400 {
                    accepted(&answer)?;
                }
                if self.zone(name).await?.is_none() {
                    return Err(Trouble::Misconfigured(format!(
                        "DNSimple does not make a zone for {name} in the account {}: another account may have it.",
                        self.account
                    )));
                }
            }
        }
        let servers = self.all_records(name).await?.into_iter();
        let servers = servers.filter(|record| record.system_record && record.rtype == "NS" && record.name.is_empty());
        let mut servers: Vec<_> = servers.map(|record| host(&record.content)).collect();
        servers.sort();
        if servers.is_empty() {
            return Err(Trouble::Later(None));
        }
        Ok(servers)
    }

    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble> {
        let zone = &call.subject;
        let sets: Vec<_> = records.iter().map(|set| wanted(zone, set)).collect::<Result<_, _>>()?;
        let concerned = |record: &Record| {
            records
                .iter()
                .any(|set| label(zone, &set.name) == Some(&*record.name) && set.rtype.as_str() == record.rtype)
        };
        self.ensure(zone, concerned, &sets.concat()).await
    }

    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        let name = &call.subject;
        match self.zone(name).await? {
            Some(zone) if zone.active => {}
            Some(_) | None => return Ok(None),
        }
        let mut sets: Vec<RrSet> = vec![];
        for record in self.all_records(name).await?.iter().filter(|record| !record.system_record) {
            let Some((rtype, value)) = record.read() else { continue };
            let name = if record.name.is_empty() { name.to_string() } else { format!("{}.{name}", record.name) };
            match sets.iter_mut().find(|set| set.name == name && set.rtype == rtype) {
                Some(set) => set.values.push(value),
                None => sets.push(RrSet { name, rtype, ttl: record.ttl, values: vec![value] }),
            }
        }
        Ok(Some(sets))
    }

    async fn zones(&self, _world: &World) -> Result<Option<Vec<DomainName>>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request = self.request("list_zones", Method::Get, &["zones"]);
            let request = request.query("per_page", PER_PAGE.to_string()).query("page", page.to_string());
            let read: Page<Zone> = done(&self.call(request).await?)?;
            let served = read.data.iter().filter(|zone| zone.active);
            all.extend(served.filter_map(|zone| DomainName::parse(zone.name.as_deref()?).ok()));
            if page >= read.pagination.total_pages.min(MOST_PAGES) {
                return Ok(Some(all));
            }
            page += 1;
        }
    }

    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble> {
        let name = &call.subject;
        let Some(domain) = self.domain(name).await? else { return Ok(()) };
        let path = ["zones", name.as_str(), "activation"];
        let request = match domain.holding() {
            Some(Holding::Hosted) => self.request("remove_zone", Method::Delete, &["domains", name.as_str()]),
            // Removing it would take the name out of the account: its zone is emptied and not served any more.
            Some(Holding::Registered(_)) => {
                if self.zone(name).await?.is_none_or(|zone| !zone.active) {
                    return Ok(());
                }
                self.ensure(name, |_| true, &[]).await?;
                self.request("stop_serving", Method::Delete, &path)
            }
            Some(Holding::Ordered) | None => return Err(Trouble::Later(None)),
        };
        let answer = self.call(request).await?;
        if answer.status == 404 { Ok(()) } else { accepted(&answer) }
    }
}

/// Its redirects are records of the zone, of a type of its own.
#[async_trait]
impl Redirector for Dnsimple {
    async fn ensure_redirect(&self, call: &Call, target: &str) -> Result<Vec<RrSet>, Trouble> {
        let redirect = |name: &str| Wanted {
            name: name.into(),
            rtype: "URL",
            content: target.into(),
            ttl: REDIRECT_TTL,
            priority: None,
        };
        self.ensure(&call.subject, redirects, &["", "www"].map(redirect)).await?;
        Ok(vec![])
    }

    async fn ensure_no_redirect(&self, call: &Call) -> Result<(), Trouble> {
        match self.zone(&call.subject).await? {
            Some(zone) if zone.active => self.ensure(&call.subject, redirects, &[]).await,
            Some(_) | None => Ok(()),
        }
    }
}

fn redirects(record: &Record) -> bool {
    record.rtype == "URL" && matches!(&*record.name, "" | "www")
}

impl Record {
    /// Its type and its value as zones of ours have them; `None` of what zones of ours do not have.
    fn read(&self) -> Option<(RrType, String)> {
        let rtype = RrType::ALL.iter().copied().find(|rtype| rtype.as_str() == self.rtype)?;
        let value = match (rtype, self.priority) {
            (RrType::Txt, _) => joined(&self.content),
            (RrType::Mx | RrType::Srv, Some(priority)) => format!("{priority} {}", self.content),
            _ => self.content.clone(),
        };
        Some((rtype, value))
    }
}

impl Dnsimple {
    async fn zone(&self, name: &DomainName) -> Result<Option<Zone>, Trouble> {
        found(&self.call(self.request("look_at_zone", Method::Get, &["zones", name.as_str()])).await?)
    }

    async fn activate(&self, name: &DomainName) -> Result<(), Trouble> {
        let path = ["zones", name.as_str(), "activation"];
        accepted(&self.call(self.request("serve_zone", Method::Put, &path)).await?)
    }

    async fn all_records(&self, zone: &DomainName) -> Result<Vec<Record>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request = self.request("list_records", Method::Get, &["zones", zone.as_str(), "records"]);
            let request = request.query("per_page", PER_PAGE.to_string()).query("page", page.to_string());
            let read: Page<Record> = done(&self.call(request).await?)?;
            all.extend(read.data);
            if page >= read.pagination.total_pages.min(MOST_PAGES) {
                return Ok(all);
            }
            page += 1;
        }
    }

    /// Makes the records that are concerned be these, in one change.
    async fn ensure(
        &self,
        zone: &DomainName,
        concerned: impl Fn(&Record) -> bool,
        wanted: &[Wanted],
    ) -> Result<(), Trouble> {
        match self.zone(zone).await? {
            Some(found) if found.active => {}
            Some(_) | None => {
                return Err(Trouble::Refused(Refused::ForGood(format!("DNSimple serves no zone for {zone}."))));
            }
        }
        let known = self.all_records(zone).await?;
        let known: Vec<_> = known.into_iter().filter(|record| !record.system_record && concerned(record)).collect();
        let Some(change) = change(&known, wanted) else { return Ok(()) };
        let request = self.request("write_records", Method::Post, &["zones", zone.as_str(), "batch"]);
        accepted(&self.call(request.body(change)).await?)
    }
}

/// What turns one into the other; `None` when nothing has to be done.
fn change(known: &[Record], wanted: &[Wanted]) -> Option<Value> {
    let (mut deletes, mut updates, mut left) = (vec![], vec![], wanted.to_vec());
    for record in known {
        match left.iter().position(|one| one.is(record)) {
            Some(at) => {
                let one = left.remove(at);
                if one.ttl != record.ttl {
                    updates.push(json!({ "id": record.id, "ttl": one.ttl }));
                }
            }
            None => deletes.push(json!({ "id": record.id })),
        }
    }
    let creates: Vec<_> = left.iter().map(Wanted::written).collect();
    if deletes.is_empty() && updates.is_empty() && creates.is_empty() {
        return None;
    }
    Some(json!({ "creates": creates, "updates": updates, "deletes": deletes }))
}

impl Wanted {
    fn is(&self, record: &Record) -> bool {
        let same = match self.rtype {
            "TXT" => self.content == joined(&record.content),
            "URL" => self.content == record.content,
            "CAA" => Data::parse(RrType::Caa, &self.content) == Data::parse(RrType::Caa, &record.content),
            _ => self.content == host(&record.content),
        };
        same && self.name == record.name && self.rtype == record.rtype && self.priority == record.priority
    }

    fn written(&self) -> Value {
        let mut value = json!({ "name": self.name, "type": self.rtype, "content": self.content, "ttl": self.ttl });
        if let Some(priority) = self.priority {
            value["priority"] = priority.into();
        }
        value
    }
}

fn wanted(zone: &DomainName, set: &RrSet) -> Result<Vec<Wanted>, Trouble> {
    let cannot = |what: &str| Trouble::Refused(Refused::ForGood(format!("{} {what}.", set.name)));
    let name = label(zone, &set.name).ok_or_else(|| cannot("is not a name of this zone"))?;
    let one = |value: &String| {
        let (priority, content) = match set.rtype {
            RrType::Txt => (None, joined(value)),
            RrType::Mx => {
                let (priority, mail) =
                    value.split_once(' ').ok_or_else(|| cannot("has an MX record without a preference"))?;
                let priority = priority.parse().map_err(|_| cannot("has an MX record without a preference"))?;
                (Some(priority), host(mail))
            }
            RrType::Srv => {
                let (priority, rest) =
                    value.split_once(' ').ok_or_else(|| cannot("has an SRV record without a priority"))?;
                let priority = priority.parse().map_err(|_| cannot("has an SRV record without a priority"))?;
                (Some(priority), host(rest))
            }
            RrType::Caa => (None, value.trim().to_owned()),
            RrType::A | RrType::Aaaa | RrType::Cname | RrType::Ns => (None, host(value)),
        };
        Ok(Wanted { name: name.into(), rtype: set.rtype.as_str(), content, ttl: set.ttl, priority })
    };
    set.values.iter().map(one).collect()
}

/// What stands before the zone's name; empty for the zone itself.
fn label<'a>(zone: &DomainName, name: &'a str) -> Option<&'a str> {
    let before = name.strip_suffix(zone.as_str())?;
    if before.is_empty() { Some("") } else { before.strip_suffix('.') }
}

/// A host's name as it is compared: in lower case, without the final point.
fn host(text: &str) -> String {
    text.trim().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: u64, rtype: &str, content: &str, priority: Option<u32>) -> Record {
        let (name, rtype, content) = (String::new(), rtype.into(), content.into());
        Record { id, name, rtype, content, ttl: 300, priority, system_record: false }
    }

    fn set(rtype: RrType, ttl: u32, values: &[&str]) -> Vec<Wanted> {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        wanted(&DomainName::stored("acme.com"), &RrSet { name: "acme.com".into(), rtype, ttl, values }).unwrap()
    }

    #[test]
    fn only_what_differs_is_changed() {
        let known = [record(1, "TXT", "\"one\"", None), record(2, "MX", "MX.example.net.", Some(10))];
        let same = [set(RrType::Txt, 300, &["one"]), set(RrType::Mx, 300, &["10 mx.example.net"])].concat();
        assert_eq!(change(&known, &same), None);
        let other = [set(RrType::Txt, 600, &["one", "two"]), set(RrType::Mx, 300, &["20 mx.example.net"])].concat();
        let expected = json!({
            "creates": [
                { "name": "", "type": "TXT", "content": "two", "ttl": 600 },
                { "name": "", "type": "MX", "content": "mx.example.net", "ttl": 300, "priority": 20 },
            ],
            "updates": [{ "id": 1, "ttl": 600 }],
            "deletes": [{ "id": 2 }],
        });
        assert_eq!(change(&known, &other), Some(expected));
    }

    #[test]
    fn services_and_authorities_are_written_as_the_vendor_has_them() {
        let service = set(RrType::Srv, 300, &["10 5 443 WWW.acme.com."]).remove(0);
        assert_eq!((service.priority, service.content.as_str()), (Some(10), "5 443 www.acme.com"));
        let authority = set(RrType::Caa, 300, &[r#"0 issue "ca.example""#]).remove(0);
        assert!(authority.is(&record(1, "CAA", r#"0 issue "ca.example""#, None)));
        assert!(authority.is(&record(1, "CAA", "0 ISSUE ca.example", None)), "quotes mean nothing");
        assert!(!authority.is(&record(1, "CAA", "0 issue other.example", None)));
    }

    #[test]
    fn texts_keep_their_case_and_are_one_text() {
        let long = format!("\"{}\" \"{}\"", "A".repeat(255), "b".repeat(100));
        assert_eq!(set(RrType::Txt, 300, &[&long])[0].content, format!("{}{}", "A".repeat(255), "b".repeat(100)));
    }

    #[test]
    fn names_are_those_of_the_zone() {
        let zone = DomainName::stored("acme.com");
        for (name, told) in
            [("acme.com", Some("")), ("www.acme.com", Some("www")), ("notacme.com", None), ("a.net", None)]
        {
            assert_eq!(label(&zone, name), told, "{name}");
        }
    }
}
