//! Zones: made, looked at, paused, removed.

use serde_json::{Value, json};

use super::records::Record;
use super::rules::Ruleset;
use super::{ACCOUNT, ACCOUNT_NAME, Cloudflare, Estate, locked, no, nowhere, page, shown, yes};
use crate::server::{Asked, Said};

/// Pairs of servers: two zones of one account may get different ones.
const SERVERS: [[&str; 2]; 2] =
    [["carl.ns.cloudflare.com", "eva.ns.cloudflare.com"], ["ada.ns.cloudflare.com", "Rob.ns.cloudflare.com"]];
/// What strangers are told of a name that the vendor stands before.
pub(super) const EDGE: &str = "104.16.132.229";

#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_paused: bool,
    pub(super) servers: [&'static str; 2],
    pub(super) records: Vec<Record>,
    pub(super) rules: Option<Ruleset>,
    made: i64,
}

impl Cloudflare {
    /// What a zone's name servers would say: the values of a name and type.
    #[must_use]
    pub fn served(&self, name: &str, rtype: &str) -> Vec<String> {
        let estate = locked(&self.estate);
        let Some(zone) = estate.zone_of(name) else { return vec![] };
        let found = zone.records.iter().filter(|record| record.name == name && record.rtype == rtype);
        found.map(|record| if record.proxied { EDGE.to_owned() } else { record.spoken() }).collect()
    }

    /// The zone of this name, as somebody with a browser would see it; `None` when there is none.
    #[must_use]
    pub fn zone(&self, name: &str) -> Option<Value> {
        let estate = locked(&self.estate);
        let zone = estate.zones.values().find(|zone| zone.name == name);
        zone.map(|zone| zone.described(estate.now))
    }

    /// Somebody has made a zone here by hand.
    pub fn zone_by_hand(&self, name: &str) {
        locked(&self.estate).open(name);
    }
}

impl Zone {
    fn described(&self, now: i64) -> Value {
        json!({
            "id": self.id, "name": self.name, "status": "active", "paused": self.is_paused, "type": "full",
            "development_mode": 0, "name_servers": self.servers, "original_name_servers": null,
            "original_registrar": null, "original_dnshost": null, "modified_on": shown(now),
            "created_on": shown(self.made), "activated_on": shown(self.made), "vanity_name_servers": [],
            "vanity_name_servers_ips": null,
            "meta": {
                "step": 4, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": false,
            },
            "owner": { "id": null, "type": "user", "email": null },
            "account": { "id": ACCOUNT, "name": ACCOUNT_NAME },
            "tenant": { "id": null, "name": null }, "tenant_unit": { "id": null },
            "permissions": ["#dns_records:edit", "#zone:edit"],
            "plan": {
                "id": "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "name": "Free Website", "price": 0, "currency": "USD",
                "frequency": "", "is_subscribed": false, "can_subscribe": false, "legacy_id": "free",
                "legacy_discount": false, "externally_managed": false,
            },
        })
    }
}

impl Estate {
    pub(super) fn zone_route(&mut self, asked: &Asked, path: &[&str]) -> Said {
        match (asked.method.as_str(), path) {
            ("GET", []) => self.zones(asked),
            ("POST", []) => self.make_zone(&asked.body),
            (_, [id, ..]) if !self.zones.contains_key(*id) => {
                no(404, 7003, &format!("Could not route to /zones/{id}, perhaps your object identifier is invalid?"))
            }
            ("GET", [id]) => yes(200, self.zones[*id].described(self.now)),
            ("PATCH", [id]) => self.change_zone(id, &asked.body),
            ("DELETE", [id]) => self.remove_zone(id),
            (_, [id, "dns_records", rest @ ..]) => self.record_route(asked, id, rest),
            (_, [id, "rulesets", rest @ ..]) => self.rule_route(asked, id, rest),
            _ => nowhere(),
        }
    }

    fn zones(&self, asked: &Asked) -> Said {
        let is_wanted = |zone: &&Zone| {
            asked.parameter("name").is_none_or(|name| name == zone.name)
                && asked.parameter("account.id").is_none_or(|account| account == ACCOUNT)
        };
        let all: Vec<_> = self.zones.values().filter(is_wanted).map(|zone| zone.described(self.now)).collect();
        page(asked, &all, 20, 50)
    }

    fn make_zone(&mut self, body: &Value) -> Said {
        let Some(name) = body["name"].as_str().filter(|name| name.contains('.')) else {
            return no(400, 1001, "Invalid zone name");
        };
        if body["account"]["id"] != ACCOUNT {
            return no(403, 1068, "Permission denied");
        }
        if self.zones.values().any(|zone| zone.name == name) || name.starts_with("elsewhere-") {
            return no(400, 1061, &format!("{name} already exists"));
        }
        if name.starts_with("banned-") {
            return no(400, 1097, "This zone is banned and cannot be added to Cloudflare at this time");
        }
        if self.zones.len() >= self.most_zones {
            return no(400, 1118, "You have exceeded the limit for adding zones. Please activate some zones.");
        }
        let id = self.open(name);
        yes(200, self.zones[&id].described(self.now))
    }

    /// Makes a zone, where there is none, and says which it is.
    pub(super) fn open(&mut self, name: &str) -> String {
        if let Some(zone) = self.zones.values().find(|zone| zone.name == name) {
            return zone.id.clone();
        }
        let id = self.draw();
        let servers = SERVERS[self.zones.len() % SERVERS.len()];
        let made = self.now;
        let zone =
            Zone { id: id.clone(), name: name.into(), is_paused: false, servers, records: vec![], rules: None, made };
        self.zones.insert(id.clone(), zone);
        id
    }

    fn change_zone(&mut self, id: &str, body: &Value) -> Said {
        let (now, paused) = (self.now, body["paused"].as_bool());
        let Some((zone, paused)) = self.zones.get_mut(id).zip(paused) else {
            return no(400, 1006, "Nothing to change");
        };
        zone.is_paused = paused;
        yes(200, zone.described(now))
    }

    /// The zone of a name that is registered here stays as long as the name.
    fn remove_zone(&mut self, id: &str) -> Said {
        let is_registered = self.zones.get(id).is_some_and(|zone| self.names.contains_key(&zone.name));
        if is_registered {
            return no(400, 1003, "This zone belongs to a name that is registered with Cloudflare");
        }
        self.zones.remove(id);
        yes(200, json!({ "id": id }))
    }

    pub(super) fn zone_of(&self, name: &str) -> Option<&Zone> {
        let is_it = |zone: &&Zone| name == zone.name || name.ends_with(&format!(".{}", zone.name));
        self.zones.values().find(is_it)
    }
}
