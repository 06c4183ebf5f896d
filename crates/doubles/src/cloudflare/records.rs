//! Records, one by one and in batches.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use super::zones::Zone;
use super::{Cloudflare, Estate, locked, no, nowhere, page, shown, yes};
use crate::server::{Asked, Said};

/// As many changes as a batch of a free zone may have.
pub(super) const BATCH: usize = 200;

const TYPES: [&str; 11] = ["A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NS", "PTR", "SRV", "TXT"];

#[derive(Clone, Debug)]
pub(super) struct Record {
    id: String,
    pub(super) name: String,
    pub(super) rtype: String,
    content: String,
    ttl: u64,
    priority: Option<u64>,
    data: Option<Value>,
    pub(super) proxied: bool,
    comment: Option<String>,
}

/// Why a change is not made.
type Refusal = (u32, String);

impl Cloudflare {
    /// Somebody has written a record by hand, as the vendor's own pages would.
    ///
    /// # Panics
    /// When there is no such zone, or it does not take the record.
    pub fn record_by_hand(&self, zone: &str, record: &Value) {
        let mut estate = locked(&self.estate);
        let id = estate.zones.values().find(|one| one.name == zone).map(|one| one.id.clone()).expect("a zone");
        let said = estate.add(&id, record);
        assert_eq!(said.status, 200, "{:?}", said.body);
    }

    /// The records of a zone as the vendor would list them.
    #[must_use]
    pub fn records(&self, zone: &str) -> Vec<Value> {
        let estate = locked(&self.estate);
        let found = estate.zones.values().filter(|one| one.name == zone);
        found.flat_map(|zone| zone.records.iter().map(|record| record.described(estate.now))).collect()
    }
}

impl Record {
    fn described(&self, now: i64) -> Value {
        let proxiable = matches!(self.rtype.as_str(), "A" | "AAAA" | "CNAME");
        let mut value = json!({
            "id": self.id, "name": self.name, "type": self.rtype, "content": self.content, "proxiable": proxiable,
            "proxied": self.proxied, "ttl": if self.proxied { 1 } else { self.ttl }, "settings": {}, "meta": {},
            "comment": self.comment, "tags": [], "created_on": shown(now), "modified_on": shown(now),
        });
        if let Some(priority) = self.priority {
            value["priority"] = priority.into();
        }
        if let Some(data) = &self.data {
            value["data"] = data.clone();
        }
        value
    }

    /// Its value as a name server says it, texts without their quotes.
    pub(super) fn spoken(&self) -> String {
        match (self.rtype.as_str(), self.priority) {
            ("TXT", _) => unquoted(&self.content),
            ("MX", Some(priority)) => format!("{priority} {}", self.content),
            _ => self.content.clone(),
        }
    }

    fn read(zone: &Zone, id: String, one: &Value) -> Result<Self, Refusal> {
        let refuse = |message: &str| (9_005, message.to_owned());
        let rtype = one["type"].as_str().filter(|rtype| TYPES.contains(rtype)).ok_or_else(|| refuse("Invalid type"))?;
        let name = one["name"].as_str().ok_or_else(|| refuse("Name is missing"))?.to_ascii_lowercase();
        let name = if name == "@" { zone.name.clone() } else { name };
        let is_inside = name == zone.name || name.ends_with(&format!(".{}", zone.name));
        let name = if is_inside { name } else { format!("{name}.{}", zone.name) };
        let ttl = one["ttl"].as_u64().ok_or_else(|| refuse("TTL is missing"))?;
        if ttl != 1 && !(60..=86_400).contains(&ttl) {
            return Err((9_021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.".into()));
        }
        let data = one.get("data").filter(|data| data.is_object()).cloned();
        let content =
            content(rtype, one["content"].as_str(), data.as_ref()).ok_or_else(|| refuse("Invalid content"))?;
        let priority = match rtype {
            "MX" => Some(one["priority"].as_u64().ok_or_else(|| refuse("Priority is missing"))?),
            "SRV" => data.as_ref().and_then(|data| data["priority"].as_u64()),
            _ => None,
        };
        let proxied = one["proxied"].as_bool().unwrap_or(false);
        if proxied && !matches!(rtype, "A" | "AAAA" | "CNAME") {
            return Err((9_004, "This record type cannot be proxied.".into()));
        }
        let comment = one["comment"].as_str().map(str::to_owned);
        Ok(Self { id, name, rtype: rtype.into(), content, ttl, priority, data, proxied, comment })
    }

    fn same(&self, other: &Self) -> bool {
        (&self.name, &self.rtype, &self.content, self.priority)
            == (&other.name, &other.rtype, &other.content, other.priority)
    }

    /// Whether the two cannot stand beside each other.
    fn excludes(&self, other: &Self) -> bool {
        let is_alias = |record: &Self| record.rtype == "CNAME";
        let is_host = |record: &Self| matches!(record.rtype.as_str(), "A" | "AAAA" | "CNAME");
        self.name == other.name
            && (is_alias(self) && is_host(other) || is_host(self) && is_alias(other))
            && self.id != other.id
    }
}

/// What a record says, checked as far as this vendor checks it.
fn content(rtype: &str, content: Option<&str>, data: Option<&Value>) -> Option<String> {
    let part = |name: &str| data.and_then(|data| data[name].as_u64());
    let text = |name: &str| data.and_then(|data| data[name].as_str());
    match rtype {
        "A" => content.filter(|text| text.parse::<Ipv4Addr>().is_ok()).map(str::to_owned),
        "AAAA" => content.filter(|text| text.parse::<Ipv6Addr>().is_ok()).map(str::to_owned),
        "SRV" => Some(format!("{} {} {} {}", part("priority")?, part("weight")?, part("port")?, text("target")?)),
        "CAA" => Some(format!("{} {} \"{}\"", part("flags")?, text("tag")?, text("value")?)),
        // Strings of more than 255 bytes are cut by the vendor; it was asked to cut them itself here.
        "TXT" => content.filter(|text| text.split("\" \"").all(|one| one.len() <= 257)).map(str::to_owned),
        _ => content.filter(|text| !text.is_empty() && !text.contains(' ')).map(str::to_owned),
    }
}

/// The text of strings in quotes.
fn unquoted(content: &str) -> String {
    let Some(inner) = content.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return content.to_owned();
    };
    inner.replace("\" \"", "").replace("\\\"", "\"").replace("\\\\", "\\")
}

impl Zone {
    fn remove(&mut self, id: &Value) -> Result<Record, Refusal> {
        let at = self.records.iter().position(|record| id == &record.id);
        let at = at.ok_or_else(|| (81_044, "Record does not exist.".to_owned()))?;
        Ok(self.records.remove(at))
    }

    fn change(&mut self, one: &Value, is_whole: bool) -> Result<Record, Refusal> {
        let at = self.records.iter().position(|record| one["id"] == record.id);
        let at = at.ok_or_else(|| (81_044, "Record does not exist.".to_owned()))?;
        let mut wanted = self.records[at].described(0);
        if let Some(object) = wanted.as_object_mut().filter(|_| !is_whole) {
            object.extend(one.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        }
        let wanted = if is_whole { one.clone() } else { wanted };
        let record = Record::read(self, self.records[at].id.clone(), &wanted)?;
        self.records[at] = record.clone();
        Ok(record)
    }

    fn post(&mut self, id: String, one: &Value) -> Result<Record, Refusal> {
        let record = Record::read(self, id, one)?;
        if self.records.iter().any(|other| other.same(&record)) {
            return Err((81_058, "An identical record already exists.".into()));
        }
        if self.records.iter().any(|other| other.excludes(&record)) {
            return Err((81_053, "An A, AAAA, or CNAME record with that host already exists.".into()));
        }
        self.records.push(record.clone());
        Ok(record)
    }
}

impl Estate {
    pub(super) fn record_route(&mut self, asked: &Asked, zone: &str, path: &[&str]) -> Said {
        match (asked.method.as_str(), path) {
            ("GET", []) => self.list(asked, zone),
            ("POST", []) => self.add(zone, &asked.body),
            ("POST", ["batch"]) => self.batch(zone, &asked.body),
            ("GET", [id]) => match self.zones[zone].records.iter().find(|record| record.id == **id) {
                Some(record) => yes(200, record.described(self.now)),
                None => no(404, 81_044, "Record does not exist."),
            },
            ("PUT" | "PATCH", [id]) => {
                let mut one = asked.body.clone();
                one["id"] = json!(id);
                let is_whole = asked.method == "PUT";
                self.once(zone, |zone| zone.change(&one, is_whole))
            }
            ("DELETE", [id]) => {
                let said = self.once(zone, |zone| zone.remove(&json!(id)));
                if said.status == 200 { yes(200, json!({ "id": id })) } else { said }
            }
            _ => nowhere(),
        }
    }

    fn list(&self, asked: &Asked, zone: &str) -> Said {
        let is_wanted = |record: &&Record| {
            asked.parameter("name").is_none_or(|name| name == record.name)
                && asked.parameter("type").is_none_or(|rtype| rtype == record.rtype)
        };
        let records = self.zones[zone].records.iter().filter(is_wanted);
        let all: Vec<_> = records.map(|record| record.described(self.now)).collect();
        page(asked, &all, 100, 5_000)
    }

    fn add(&mut self, zone: &str, one: &Value) -> Said {
        let id = self.draw();
        self.once(zone, |zone| zone.post(id, one))
    }

    fn once(&mut self, zone: &str, act: impl FnOnce(&mut Zone) -> Result<Record, Refusal>) -> Said {
        let now = self.now;
        let Some(zone) = self.zones.get_mut(zone) else { return nowhere() };
        match act(zone) {
            Ok(record) => yes(200, record.described(now)),
            Err((code, message)) => no(400, code, &message),
        }
    }

    /// All of it or nothing, in the vendor's order; the first refusal is told.
    fn batch(&mut self, zone: &str, body: &Value) -> Said {
        let list = |what: &str| body[what].as_array().cloned().unwrap_or_default();
        let count: usize = ["deletes", "patches", "puts", "posts"].iter().map(|what| list(what).len()).sum();
        if count > BATCH {
            return no(400, 9_207, "Batch operations exceed the limit of the zone's plan");
        }
        let ids: Vec<_> = (0..count).map(|_| self.draw()).collect();
        let (Some(before), now) = (self.zones.get(zone), self.now) else { return nowhere() };
        let mut zone = before.clone();
        let mut made = || -> Result<Value, Refusal> {
            let shown = |records: Vec<Record>| records.iter().map(|record| record.described(now)).collect::<Vec<_>>();
            let deletes = list("deletes").iter().map(|one| zone.remove(&one["id"])).collect::<Result<_, _>>()?;
            let patches = list("patches").iter().map(|one| zone.change(one, false)).collect::<Result<_, _>>()?;
            let puts = list("puts").iter().map(|one| zone.change(one, true)).collect::<Result<_, _>>()?;
            let posts = list("posts").into_iter().zip(ids.clone()).map(|(one, id)| zone.post(id, &one));
            let posts = posts.collect::<Result<_, _>>()?;
            Ok(json!({
                "deletes": shown(deletes), "patches": shown(patches), "puts": shown(puts), "posts": shown(posts),
            }))
        };
        match made() {
            Ok(result) => {
                self.zones.insert(zone.id.clone(), zone);
                yes(200, result)
            }
            Err((code, message)) => no(400, code, &message),
        }
    }
}
