//! What turns the records of a zone into others, in batches that the vendor takes.

use model::dns::{Data, RrSet, RrType};
use model::domain::DomainName;
use serde_json::{Value, json};

use super::records::{Record, Wanted, wanted};
use super::zone::Zone;
use super::{Cloudflare, Right};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

/// As many changes as a batch of a free zone may have; it is done whole or not at all.
pub(super) const BATCH: usize = 200;
/// The records are not as they were a moment ago: one is there already, or is not there any more.
const MOVED: [u64; 3] = [81_044, 81_057, 81_058];

/// What is done to one record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// It is removed.
    Delete(Value),
    /// It is changed in part.
    Patch(Value),
    /// It is made.
    Post(Value),
}

impl Change {
    pub(super) fn delete(record: &Record) -> Self {
        Self::Delete(json!({ "id": record.id }))
    }

    pub(super) fn patch(record: &Record, ttl: u32, proxied: Option<bool>) -> Self {
        let mut value = json!({ "id": record.id, "name": record.name, "type": record.rtype, "ttl": ttl });
        if let Some(proxied) = proxied {
            value["proxied"] = proxied.into();
        }
        Self::Patch(value)
    }
}

/// The web addresses of a name: its own and its `www`.
pub(super) fn web(zone: &DomainName) -> [String; 2] {
    [zone.to_string(), format!("www.{zone}")]
}

/// The changes that make these sets be exactly so, the sets apart.
pub(super) fn changes(zone: &DomainName, known: &[Record], sets: &[RrSet]) -> Result<Vec<Vec<Change>>, Trouble> {
    let web = web(zone);
    let of_set = |set: &RrSet| -> Result<Vec<Change>, Trouble> {
        let (mut left, mut changes) = (wanted(zone, set)?, vec![]);
        let is_web = web.iter().any(|name| set.name.eq_ignore_ascii_case(name));
        let here = || known.iter().filter(|record| record.name.eq_ignore_ascii_case(&set.name));
        // Before a web address the vendor may stand, and goes on to: a redirect hangs on it. Nothing else bears it.
        let proxied = is_web && here().any(Record::is_proxied);
        left.iter_mut().for_each(|one| one.proxied = proxied && is_address(&one.data));
        for record in here().filter(|record| record.rtype == set.rtype.as_str() && !record.is_mark()) {
            match record.says().and_then(|data| left.iter().position(|one| one.data == data)) {
                Some(at) => changes.extend(corrected(record, &left.remove(at))),
                None => changes.push(Change::delete(record)),
            }
        }
        if left.iter().any(|one| is_address(&one.data)) {
            changes.extend(here().filter(|record| record.is_mark()).map(Change::delete));
        }
        changes.extend(left.iter().map(|one| Change::Post(one.written())));
        Ok(changes)
    };
    let all: Vec<_> = sets.iter().map(of_set).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|changes| !changes.is_empty()).collect())
}

const fn is_address(data: &Data) -> bool {
    matches!(data.rtype(), RrType::A | RrType::Aaaa | RrType::Cname)
}

/// What of a record that says the right thing is not right.
fn corrected(record: &Record, wanted: &Wanted) -> Option<Change> {
    let is_kept_right = record.is_proxied() || record.ttl == wanted.ttl;
    let shows_itself = record.is_proxied() && !wanted.proxied;
    match (is_kept_right, shows_itself) {
        (_, true) => Some(Change::patch(record, wanted.ttl, Some(false))),
        (false, false) => Some(Change::patch(record, wanted.ttl, None)),
        (true, false) => None,
    }
}

/// Changes in as few batches as they fit into. What is only removed goes first, and the changes of a set stay together
/// where they fit: nobody should see a name without its records.
pub(super) fn batches(mut sets: Vec<Vec<Change>>) -> Vec<Value> {
    let is_more = |changes: &Vec<Change>| changes.iter().any(|change| !matches!(change, Change::Delete(_)));
    sets.sort_by_key(is_more);
    let (mut batches, mut batch): (Vec<Vec<Change>>, Vec<Change>) = (vec![], vec![]);
    for part in sets.iter().flat_map(|changes| changes.chunks(BATCH)) {
        if batch.len() + part.len() > BATCH {
            batches.push(std::mem::take(&mut batch));
        }
        batch.extend_from_slice(part);
    }
    batches.push(batch);
    batches.iter().filter(|batch| !batch.is_empty()).map(|batch| body(batch)).collect()
}

fn body(batch: &[Change]) -> Value {
    let mut body = json!({});
    let mut add = |list: &str, change: &Value| match body[list].as_array_mut() {
        Some(changes) => changes.push(change.clone()),
        None => body[list] = json!([change]),
    };
    for change in batch {
        match change {
            Change::Delete(value) => add("deletes", value),
            Change::Patch(value) => add("patches", value),
            Change::Post(value) => add("posts", value),
        }
    }
    body
}

impl Cloudflare {
    /// Makes the changes that are found to be needed. When somebody else changed records meanwhile, they are looked at
    /// once more.
    pub(super) async fn change(
        &self,
        zone: &Zone,
        find: impl Fn(&[Record]) -> Result<Vec<Vec<Change>>, Trouble> + Send + Sync,
    ) -> Result<(), Trouble> {
        for _ in 0..2 {
            let known = self.all_records(zone).await?;
            if self.write(zone, find(&known)?).await? {
                return Ok(());
            }
        }
        Err(Trouble::Later(None))
    }

    /// Whether the changes were made; not when the records are not those that they were found for.
    async fn write(&self, zone: &Zone, changes: Vec<Vec<Change>>) -> Result<bool, Trouble> {
        for body in batches(changes) {
            let request = Request::new("write_records", Method::Post, &["zones", &zone.id, "dns_records", "batch"]);
            match self.ask::<Value>(request.body(body)).await? {
                Ok(_) => {}
                Err(no) if no.has(&MOVED) => return Ok(false),
                Err(no) => return Err(self.refused(&no, Right::Records)),
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> DomainName {
        DomainName::stored("acme.com")
    }

    fn record(value: Value) -> Record {
        let mut whole = json!({ "id": "1", "name": "acme.com", "ttl": 300 });
        whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        RrSet { name: name.into(), rtype, ttl: 300, values }
    }

    fn found(known: &[Record], sets: &[RrSet]) -> Vec<Value> {
        batches(changes(&zone(), known, sets).unwrap())
    }

    #[test]
    fn only_what_differs_is_changed() {
        let known = [
            record(json!({ "id": "1", "type": "TXT", "content": "\"one\"" })),
            record(json!({ "id": "2", "type": "TXT", "content": "\"two\"" })),
            record(json!({ "id": "3", "type": "MX", "content": "MX.example.net", "priority": 10, "ttl": 60 })),
            record(json!({ "id": "4", "type": "A", "content": "192.0.2.9" })),
        ];
        let same = [set("acme.com", RrType::Txt, &["two", "one"])];
        assert!(found(&known, &same).is_empty());
        let other =
            [set("acme.com", RrType::Txt, &["two", "Two"]), set("acme.com", RrType::Mx, &["10 mx.example.net"])];
        let post = json!({ "name": "acme.com", "type": "TXT", "ttl": 300, "content": "\"Two\"" });
        let expected = json!({
            "deletes": [{ "id": "1" }],
            "patches": [{ "id": "3", "name": "acme.com", "type": "MX", "ttl": 300 }],
            "posts": [post],
        });
        assert_eq!(found(&known, &other), [expected]);
        assert_eq!(found(&known, &[set("acme.com", RrType::A, &[])]), [json!({ "deletes": [{ "id": "4" }] })]);
    }

    #[test]
    fn the_vendor_stands_before_web_addresses_and_nothing_else() {
        let key = |proxied| {
            let (name, content) = ("k._domainkey.acme.com", "k.mail.example");
            record(json!({ "name": name, "type": "CNAME", "content": content, "proxied": proxied, "ttl": 1 }))
        };
        let wanted = [set("k._domainkey.acme.com", RrType::Cname, &["k.mail.example"])];
        assert_eq!(found(&[key(true)], &wanted)[0]["patches"][0]["proxied"], false);
        let web = record(json!({ "type": "A", "content": "192.0.2.9", "proxied": true, "ttl": 1 }));
        assert!(found(std::slice::from_ref(&web), &[set("acme.com", RrType::A, &["192.0.2.9"])]).is_empty());
        let moved = found(&[web], &[set("acme.com", RrType::A, &["192.0.2.10"])]);
        assert_eq!(moved[0]["posts"][0]["proxied"], true, "it goes on to");
    }

    #[test]
    fn a_mark_gives_way_to_an_address_and_to_nothing_else() {
        let mark = record(json!({
            "id": "m", "name": "www.acme.com", "type": "A", "content": "192.0.2.1", "proxied": true, "ttl": 1,
            "comment": super::super::records::MARK,
        }));
        let known = [mark];
        assert!(found(&known, &[set("www.acme.com", RrType::A, &[])]).is_empty());
        let told = found(&known, &[set("www.acme.com", RrType::Cname, &["shop.example"])]);
        assert_eq!(told[0]["deletes"], json!([{ "id": "m" }]));
        assert_eq!(told[0]["posts"][0]["proxied"], true);
    }

    #[test]
    fn five_hundred_records_go_in_batches_that_the_vendor_takes() {
        let values: Vec<_> = (0..500).map(|n| format!("text {n}")).collect();
        let values: Vec<_> = values.iter().map(String::as_str).collect();
        let known = [record(json!({ "id": "9", "name": "old.acme.com", "type": "A", "content": "192.0.2.1" }))];
        let sets = [set("acme.com", RrType::Txt, &values), set("old.acme.com", RrType::A, &[])];
        let batches = found(&known, &sets);
        let sizes: Vec<_> = batches.iter().map(|batch| batch["posts"].as_array().map_or(0, Vec::len)).collect();
        assert_eq!(sizes, [0, 200, 200, 100]);
        assert!(batches[0]["deletes"].is_array(), "what is only removed goes first");
    }
}
