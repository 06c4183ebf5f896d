//! Zones and their records.

use serde_json::{Value, json};

use super::{Domain, Estate, no, nothing, paged, yes};
use crate::server::{Asked, Said};

/// Who serves the zones.
pub(super) const SERVERS: [&str; 4] =
    ["ns1.dnsimple.com", "ns2.dnsimple-edge.net", "ns3.dnsimple.com", "ns4.dnsimple-edge.org"];

const TYPES: [&str; 12] = ["A", "AAAA", "ALIAS", "CAA", "CNAME", "MX", "NS", "POOL", "SPF", "SRV", "TXT", "URL"];

#[derive(Clone, Debug)]
pub(super) struct Record {
    id: u64,
    name: String,
    rtype: String,
    content: String,
    ttl: u64,
    priority: Option<u64>,
    is_system: bool,
}

impl Record {
    fn described(&self, zone: &str) -> Value {
        json!({
            "id": self.id, "zone_id": zone, "parent_id": null, "name": self.name, "content": self.content, "ttl": self.ttl,
            "priority": self.priority, "type": self.rtype, "regions": ["global"], "system_record": self.is_system,
            "created_at": "2026-05-08T12:00:00Z", "updated_at": "2026-05-08T12:00:00Z",
        })
    }

    fn same(&self, other: &Self) -> bool {
        (&self.name, &self.rtype, &self.content) == (&other.name, &other.rtype, &other.content)
    }
}

impl Estate {
    /// What every zone begins with.
    pub(super) fn ground(&mut self) -> Vec<Record> {
        let mut record = |rtype: &str, content: String| Record {
            id: self.draw(),
            name: String::new(),
            rtype: rtype.into(),
            content,
            ttl: 3_600,
            priority: None,
            is_system: true,
        };
        let soa = record("SOA", "ns1.dnsimple.com admin.dnsimple.com 1 86400 7200 604800 300".into());
        let servers: Vec<_> = SERVERS.iter().map(|server| record("NS", (*server).into())).collect();
        [soa].into_iter().chain(servers).collect()
    }

    pub(super) fn host(&mut self, body: &Value) -> Said {
        let Some(name) = body["name"].as_str().filter(|name| name.contains('.')) else {
            return no(400, "Validation failed");
        };
        if self.domains.contains_key(name) {
            return no(400, "The domain is already in your account");
        }
        let (id, records) = (self.draw(), self.ground());
        let domain = Domain {
            id,
            registrant: None,
            expires: None,
            auto_renew: false,
            delegation: vec![],
            active: true,
            records,
        };
        let shown = self.described(name, &domain);
        self.domains.insert(name.into(), domain);
        yes(201, shown)
    }

    /// A name that is registered stays registered whatever is removed here.
    pub(super) fn remove(&mut self, name: &str) -> Said {
        match self.domains.remove(name) {
            Some(_) => nothing(),
            None => no(404, &format!("Domain `{name}` not found")),
        }
    }

    pub(super) fn zone(&self, name: &str) -> Said {
        let Some(domain) = self.domains.get(name) else { return no(404, &format!("Zone `{name}` not found")) };
        yes(200, shown(name, domain))
    }

    pub(super) fn zones(&self, asked: &Asked) -> Said {
        let all: Vec<_> = self.domains.iter().map(|(name, domain)| shown(name, domain)).collect();
        paged(&all, asked)
    }

    pub(super) fn activate(&mut self, name: &str, active: bool) -> Said {
        let Some(domain) = self.domains.get_mut(name) else { return no(404, &format!("Zone `{name}` not found")) };
        domain.active = active;
        self.zone(name)
    }

    pub(super) fn records(&self, zone: &str, asked: &Asked) -> Said {
        let Some(domain) = self.domains.get(zone) else { return no(404, &format!("Zone `{zone}` not found")) };
        let is_wanted = |record: &&Record| {
            asked.parameter("name").is_none_or(|name| name == record.name)
                && asked.parameter("type").is_none_or(|rtype| rtype == record.rtype)
        };
        let all: Vec<_> = domain.records.iter().filter(is_wanted).map(|record| record.described(zone)).collect();
        paged(&all, asked)
    }

    /// All of it or nothing.
    pub(super) fn batch(&mut self, zone: &str, body: &Value) -> Said {
        let mut drawn = self.drawn;
        let Some(domain) = self.domains.get_mut(zone) else { return no(404, &format!("Zone `{zone}` not found")) };
        let mut records = domain.records.clone();
        let list = |what: &str| body[what].as_array().cloned().unwrap_or_default();
        let failed = |what: &str, n: usize, words: &str| Said {
            status: 400,
            headers: vec![],
            body: Some(
                json!({ "message": "Validation failed", "errors": { what: [{ "index": n, "message": words }] } }),
            ),
        };
        let (mut created, mut updated) = (vec![], vec![]);
        for (n, one) in list("deletes").iter().enumerate() {
            let Some(at) = records.iter().position(|record| one["id"] == record.id && !record.is_system) else {
                return failed("deletes", n, &format!("Record not found ID={}", one["id"]));
            };
            records.remove(at);
        }
        for (n, one) in list("updates").iter().enumerate() {
            let Some(record) = records.iter_mut().find(|record| one["id"] == record.id && !record.is_system) else {
                return failed("updates", n, &format!("Record not found ID={}", one["id"]));
            };
            record.ttl = one["ttl"].as_u64().unwrap_or(record.ttl);
            record.priority = one["priority"].as_u64().or(record.priority);
            record.content = one["content"].as_str().map_or_else(|| record.content.clone(), str::to_owned);
            updated.push(record.described(zone));
        }
        for (n, one) in list("creates").iter().enumerate() {
            drawn += 1;
            let Some(record) = read(one, drawn) else { return failed("creates", n, "Validation failed") };
            if records.iter().any(|other| other.same(&record)) {
                return failed("creates", n, "The record exists already");
            }
            created.push(record.described(zone));
            records.push(record);
        }
        domain.records = records;
        self.drawn = drawn;
        yes(200, json!({ "creates": created, "updates": updated, "deletes": list("deletes") }))
    }

    pub(super) fn served(&self, name: &str, rtype: &str, is_delegated: bool) -> Vec<String> {
        let in_zone = |(zone, _): &(&String, &Domain)| name == zone.as_str() || name.ends_with(&format!(".{zone}"));
        let Some((zone, domain)) = self.domains.iter().find(in_zone) else { return vec![] };
        let is_here = is_delegated || domain.delegation.iter().any(|server| SERVERS.contains(&server.as_str()));
        if !domain.active || !is_here {
            return vec![];
        }
        let label = name.strip_suffix(zone.as_str()).unwrap_or_default().trim_end_matches('.');
        let found = domain.records.iter().filter(|record| record.name == label && record.rtype == rtype);
        found
            .map(|record| match record.priority {
                Some(priority) => format!("{priority} {}", record.content),
                None => record.content.clone(),
            })
            .collect()
    }
}

fn read(one: &Value, id: u64) -> Option<Record> {
    let rtype = one["type"].as_str().filter(|rtype| TYPES.contains(rtype))?;
    let priority = one["priority"].as_u64();
    if rtype == "MX" && priority.is_none() {
        return None;
    }
    let (name, content) = (one["name"].as_str()?.to_owned(), one["content"].as_str()?.to_owned());
    let ttl = one["ttl"].as_u64().unwrap_or(3_600);
    Some(Record { id, name, rtype: rtype.into(), content, ttl, priority, is_system: false })
}

fn shown(name: &str, domain: &Domain) -> Value {
    json!({
        "id": domain.id, "account_id": 1385, "name": name, "reverse": false, "secondary": false,
        "last_transferred_at": null, "active": domain.active, "created_at": "2026-05-08T12:00:00Z",
        "updated_at": "2026-05-08T12:00:00Z",
    })
}
