//! PowerDNS as a DNS host.

use async_trait::async_trait;
use model::dns::{Data, Place, RrSet, RrType, owner};
use model::domain::DomainName;
use model::world::World;
use serde_json::{Value, json};

use super::Powerdns;
use super::wire::{Listed, Set, Zone};
use crate::call::Call;
use crate::dns::values;
use crate::roles::DnsHost;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Method};

/// How long the records of a zone of ours that are not its records' may be kept, in seconds: its SOA and its name servers.
const TTL: u32 = 3_600;
/// What a SOA says behind the serial, which the server fills in: how often secondaries ask, how soon again, for how long they go
/// on, and how long it may be kept that something is not there (RFC 1912 §2.2, RFC 2308 §5). Seconds.
const TIMES: &str = "10800 3600 604800 300";

#[async_trait]
impl DnsHost for Powerdns {
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble> {
        let name = &call.subject;
        if let Some(zone) = self.zone(name).await? {
            return nameservers(name, &zone);
        }
        let request = self.request("create_zone", Method::Post, &["zones"]);
        let answer = self.vendor.call(request.body(self.new_zone(name))).await?;
        match answer.status {
            // Somebody was quicker.
            409 => match self.zone(name).await? {
                Some(zone) => nameservers(name, &zone),
                None => Err(Trouble::Later(None)),
            },
            _ => nameservers(name, &accepted(&answer, name)?.json()?),
        }
    }

    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble> {
        let name = &call.subject;
        let zone = self.zone(name).await?.ok_or_else(|| gone(name))?;
        writable(name, &zone)?;
        let changes = changes(name, &zone.rrsets, records)?;
        if changes.is_empty() {
            return Ok(());
        }
        let request = self.request("write_records", Method::Patch, &["zones", &id(name)]);
        let answer = self.vendor.call(request.body(json!({ "rrsets": changes }))).await?;
        accepted(&answer, name).map(|_| ())
    }

    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        let name = &call.subject;
        Ok(self.zone(name).await?.map(|zone| zone.rrsets.iter().filter_map(|set| foreign(name, set)).collect()))
    }

    async fn zones(&self, _world: &World) -> Result<Option<Vec<DomainName>>, Trouble> {
        let answer =
            self.vendor.call(self.request("list_zones", Method::Get, &["zones"]).query("dnssec", "false")).await?;
        if !answer.is_success() {
            return Err(answer.unclear());
        }
        let zones: Vec<Listed> = answer.json()?;
        Ok(Some(zones.iter().filter_map(|zone| DomainName::parse(zone.name.trim_end_matches('.')).ok()).collect()))
    }

    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble> {
        let name = &call.subject;
        let answer = self.vendor.call(self.request("remove_zone", Method::Delete, &["zones", &id(name)])).await?;
        match is_not_there(&answer) {
            // Unless nothing is there at all.
            true => self.server().await.map(|_| ()),
            false => accepted(&answer, name).map(|_| ()),
        }
    }
}

impl Powerdns {
    /// A zone; `None` when the server has not.
    async fn zone(&self, name: &DomainName) -> Result<Option<Zone>, Trouble> {
        let answer = self.vendor.call(self.request("look_at_zone", Method::Get, &["zones", &id(name)])).await?;
        if is_not_there(&answer) {
            // Unless nothing is there at all.
            self.server().await?;
            return Ok(None);
        }
        accepted(&answer, name)?.json().map(Some)
    }

    fn new_zone(&self, name: &DomainName) -> Value {
        let servers: Vec<_> = self.nameservers.iter().map(|host| format!("{host}.")).collect();
        let first = servers.first().cloned().unwrap_or_default();
        // The server's own default names a primary that is nobody.
        let soa = json!({
            "name": id(name),
            "type": "SOA",
            "ttl": TTL,
            // Its description wants it, although there is nothing to be replaced.
            "changetype": "REPLACE",
            "records": [{ "content": format!("{first} hostmaster.{name}. 0 {TIMES}"), "disabled": false }],
        });
        json!({
            "name": id(name),
            "kind": self.kind,
            "nameservers": servers,
            // A change by this API is a new serial.
            "soa_edit_api": "DEFAULT",
            "rrsets": [soa],
        })
    }
}

/// How it calls a zone, or a name in one.
fn id(name: &DomainName) -> String {
    format!("{name}.")
}

/// Whether there is no such zone; older versions say it in their words.
fn is_not_there(answer: &Answer) -> bool {
    answer.status == 404 || (answer.status == 422 && answer.text().contains("Could not find domain"))
}

fn gone(name: &DomainName) -> Trouble {
    Trouble::Refused(Refused::ForGood(format!("PowerDNS has no zone {name}.")))
}

/// An answer to what was done. Its words are in the log.
fn accepted<'a>(answer: &'a Answer, name: &DomainName) -> Result<&'a Answer, Trouble> {
    match answer.status {
        _ if answer.is_success() => Ok(answer),
        _ if is_not_there(answer) => Err(gone(name)),
        _ => Err(Trouble::Refused(Refused::ForGood(format!(
            "PowerDNS does not accept this for {name}; its words are in the log."
        )))),
    }
}

/// A secondary would lose what is written to it with the next transfer.
fn writable(name: &DomainName, zone: &Zone) -> Result<(), Trouble> {
    match zone.kind.as_str() {
        "Slave" | "Secondary" | "Consumer" => Err(Trouble::Misconfigured(format!(
            "The zone {name} at PowerDNS is a copy of one elsewhere ({}): make it a primary there, or remove it.",
            zone.kind
        ))),
        _ => Ok(()),
    }
}

fn nameservers(name: &DomainName, zone: &Zone) -> Result<Vec<String>, Trouble> {
    writable(name, zone)?;
    let own = zone.rrsets.iter().filter(|set| set.rtype == "NS" && set.name == id(name));
    let hosts = own.flat_map(|set| &set.records).filter(|record| !record.disabled);
    let mut hosts: Vec<_> = hosts.filter_map(|record| values::read(RrType::Ns, &record.content)).collect();
    hosts.sort();
    match hosts.is_empty() {
        true => Err(Trouble::Misconfigured(format!(
            "The zone {name} was at PowerDNS already and names no name servers: give it NS records, or remove it."
        ))),
        false => Ok(hosts),
    }
}

/// A set as one of ours; `None` of the server's own, and of a type that we have no values for.
fn foreign(zone: &DomainName, set: &Set) -> Option<RrSet> {
    let name = owner(&set.name)?;
    let rtype = values::TYPES.into_iter().find(|one| one.as_str() == set.rtype)?;
    if rtype == RrType::Ns && Place::of(&name, zone.as_str()) == Place::Apex {
        return None;
    }
    let served = set.records.iter().filter(|record| !record.disabled);
    let values: Vec<_> = served.filter_map(|record| values::read(rtype, &record.content)).collect();
    (!values.is_empty()).then_some(RrSet { name, rtype, ttl: set.ttl, values })
}

/// What makes the sets be as they are wanted. Those that go come first, because a name that gets an alias has to be free.
fn changes(zone: &DomainName, known: &[Set], wanted: &[RrSet]) -> Result<Vec<Value>, Trouble> {
    let (mut gone, mut written) = (vec![], vec![]);
    for set in wanted {
        let cannot = |what: &str| Trouble::Refused(Refused::ForGood(format!("{} {what}.", set.name)));
        let name = owner(&set.name).filter(|name| Place::of(name, zone.as_str()) != Place::Outside);
        let name = format!("{}.", name.ok_or_else(|| cannot("is not a name of this zone"))?);
        let rtype = set.rtype.as_str();
        let data = Data::of(set).map_err(|(_, like)| cannot(&format!("has a {rtype} record that is not {like}")))?;
        let mut contents: Vec<_> = data.iter().map(values::written).collect();
        contents.sort();
        contents.dedup();
        let known = known.iter().find(|one| one.rtype == rtype && one.name.eq_ignore_ascii_case(&name));
        match (known, contents.is_empty()) {
            (None, true) => {}
            (Some(known), true) => gone.push(json!({
                "name": name, "type": rtype, "ttl": known.ttl, "changetype": "DELETE", "records": [],
            })),
            (Some(known), false) if is_same(known, set, &contents) => {}
            (_, false) => {
                let records: Vec<_> =
                    contents.iter().map(|content| json!({ "content": content, "disabled": false })).collect();
                written.push(json!({
                    "name": name, "type": rtype, "ttl": set.ttl, "changetype": "REPLACE", "records": records,
                }));
            }
        }
    }
    gone.extend(written);
    Ok(gone)
}

/// Whether a set is served as it is wanted, and nothing else is kept in it.
fn is_same(known: &Set, wanted: &RrSet, contents: &[String]) -> bool {
    let read = |content: &str| values::read(wanted.rtype, content);
    let mut has: Vec<_> = known.records.iter().map(|record| read(&record.content)).collect();
    let mut wants: Vec<_> = contents.iter().map(|content| read(content)).collect();
    has.sort();
    wants.sort();
    known.ttl == wanted.ttl && has == wants && known.records.iter().all(|record| !record.disabled)
}

#[cfg(test)]
mod tests {
    use super::super::wire::Record;
    use super::*;

    fn known(name: &str, rtype: &str, contents: &[&str]) -> Set {
        let record = |content: &&str| Record { content: (*content).to_owned(), disabled: false };
        Set { name: name.into(), rtype: rtype.into(), ttl: 300, records: contents.iter().map(record).collect() }
    }

    fn wanted(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
        RrSet { name: name.into(), rtype, ttl: 300, values: values.iter().map(|value| (*value).to_owned()).collect() }
    }

    #[test]
    fn only_what_differs_is_changed_and_what_goes_goes_first() {
        let zone = DomainName::stored("acme.com");
        let has = [known("acme.com.", "TXT", &["\"b\"", "\"a\\059\""]), known("www.acme.com.", "A", &["192.0.2.1"])];
        let same = [wanted("Acme.com", RrType::Txt, &["a;", "b"]), wanted("none.acme.com", RrType::Mx, &[])];
        assert_eq!(changes(&zone, &has, &same).unwrap(), Vec::<Value>::new());
        let alias = [wanted("www.acme.com", RrType::Cname, &["a.example"]), wanted("www.acme.com", RrType::A, &[])];
        let expected = [
            json!({ "name": "www.acme.com.", "type": "A", "ttl": 300, "changetype": "DELETE", "records": [] }),
            json!({
                "name": "www.acme.com.", "type": "CNAME", "ttl": 300, "changetype": "REPLACE",
                "records": [{ "content": "a.example.", "disabled": false }],
            }),
        ];
        assert_eq!(changes(&zone, &has, &alias).unwrap(), expected);
        let slower = RrSet { ttl: 600, ..same[0].clone() };
        assert_eq!(changes(&zone, &has, &[slower]).unwrap().len(), 1);
    }

    #[test]
    fn what_is_kept_and_not_served_is_not_there() {
        let zone = DomainName::stored("acme.com");
        let mut set = known("acme.com.", "TXT", &["\"a\""]);
        set.records[0].disabled = true;
        assert_eq!(foreign(&zone, &set), None);
        assert_eq!(changes(&zone, &[set], &[wanted("acme.com", RrType::Txt, &["a"])]).unwrap().len(), 1);
    }

    #[test]
    fn what_no_zone_of_ours_can_have_is_refused() {
        let zone = DomainName::stored("acme.com");
        for set in [wanted("acme.org", RrType::A, &["192.0.2.1"]), wanted("acme.com", RrType::A, &["192.0.2"])] {
            assert!(matches!(changes(&zone, &[], &[set]), Err(Trouble::Refused(Refused::ForGood(_)))));
        }
    }
}
