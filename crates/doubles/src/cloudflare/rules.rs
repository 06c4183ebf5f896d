//! Redirect rules: one ruleset of one phase in each zone.

use serde_json::{Value, json};

use super::{Cloudflare, Estate, locked, no, nowhere, shown, yes};
use crate::server::{Asked, Said};

/// The phase in which addresses are redirected.
pub(super) const PHASE: &str = "http_request_dynamic_redirect";
/// As many rules as a free zone may have in it.
const MOST: usize = 10;

#[derive(Clone, Debug)]
pub(super) struct Ruleset {
    id: String,
    version: u64,
    rules: Vec<Value>,
}

impl Cloudflare {
    /// Somebody has made a redirect by hand: hosts, and where they lead.
    pub fn redirect_by_hand(&self, zone: &str, reference: &str, expression: &str, target: &str) {
        let rule = json!({
            "ref": reference, "action": "redirect", "expression": expression, "description": "by hand", "enabled": true,
            "action_parameters": { "from_value": { "target_url": { "value": target }, "status_code": 302 } },
        });
        let mut estate = locked(&self.estate);
        let (id, drawn) = (estate.open(zone), estate.draw());
        estate.ground(&id).push(with_id(&rule, drawn));
    }

    /// Somebody has put a rule behind all others.
    pub fn put_rule_last(&self, zone: &str, reference: &str) {
        let mut estate = locked(&self.estate);
        let id = estate.open(zone);
        let rules = estate.ground(&id);
        rules.sort_by_key(|rule| rule["ref"] == reference);
    }

    /// Somebody has removed a rule.
    pub fn forget_rule(&self, zone: &str, reference: &str) {
        let zones = &mut locked(&self.estate).zones;
        let rules = zones.values_mut().filter(|one| one.name == zone).filter_map(|zone| zone.rules.as_mut());
        rules.for_each(|rules| rules.rules.retain(|rule| rule["ref"] != reference));
    }

    /// The redirect rules of a zone, in their order.
    #[must_use]
    pub fn rules(&self, zone: &str) -> Vec<Value> {
        let estate = locked(&self.estate);
        let zone = estate.zones.values().find(|one| one.name == zone);
        zone.and_then(|zone| zone.rules.as_ref()).map(|rules| rules.rules.clone()).unwrap_or_default()
    }

    /// Where a browser that asks for this host is sent; `None` when it is sent nowhere.
    #[must_use]
    pub fn redirected(&self, host: &str) -> Option<String> {
        let estate = locked(&self.estate);
        let zone = estate.zone_of(host).filter(|zone| !zone.is_paused)?;
        zone.records.iter().find(|record| record.name == host && record.proxied)?;
        let concerns = |rule: &&Value| {
            let expression = rule["expression"].as_str().unwrap_or_default();
            rule["enabled"] != false && (expression == "true" || expression.contains(&format!("\"{host}\"")))
        };
        let rule = zone.rules.as_ref()?.rules.iter().find(concerns)?;
        rule["action_parameters"]["from_value"]["target_url"]["value"].as_str().map(str::to_owned)
    }
}

fn with_id(rule: &Value, id: String) -> Value {
    let mut rule = rule.clone();
    if rule["ref"].is_null() {
        rule["ref"] = json!(id);
    }
    if rule["enabled"].is_null() {
        rule["enabled"] = json!(true);
    }
    if rule["id"].is_null() {
        rule["id"] = json!(id);
    }
    rule
}

/// Why a rule is not taken.
fn fault(rule: &Value) -> Option<&'static str> {
    let value = &rule["action_parameters"]["from_value"];
    let target = &value["target_url"];
    let status = value["status_code"].as_u64();
    if rule["expression"].as_str().is_none_or(str::is_empty) {
        return Some("expression is missing");
    }
    if rule["action"] != "redirect" {
        return Some("action is not allowed in this phase");
    }
    let is_address = target["value"].as_str().is_some_and(|text| text.starts_with("http"));
    if !is_address && !target["expression"].is_string() {
        return Some("target_url is no address");
    }
    (!matches!(status, Some(301 | 302 | 303 | 307 | 308))).then_some("status_code is not allowed")
}

impl Ruleset {
    fn described(&self, now: i64) -> Value {
        let rule = |rule: &Value| {
            let mut rule = rule.clone();
            rule["version"] = json!("1");
            rule["last_updated"] = json!(shown(now));
            rule
        };
        let rules: Vec<_> = self.rules.iter().map(rule).collect();
        json!({
            "id": self.id, "name": "default", "description": "", "kind": "zone", "version": self.version.to_string(),
            "rules": rules, "last_updated": shown(now), "phase": PHASE,
        })
    }

    /// Puts a rule where it is to be: first, or where it is asked for.
    fn place(&mut self, rule: Value, position: &Value) {
        let index = position["index"].as_u64().and_then(|index| usize::try_from(index).ok());
        let at = index.map_or(self.rules.len(), |index| index.saturating_sub(1).min(self.rules.len()));
        self.rules.insert(at, rule);
    }
}

impl Estate {
    pub(super) fn rule_route(&mut self, asked: &Asked, zone: &str, path: &[&str]) -> Said {
        let body = &asked.body;
        match (asked.method.as_str(), path) {
            ("GET", ["phases", phase, "entrypoint"]) if *phase == PHASE => match &self.zones[zone].rules {
                Some(rules) => yes(200, rules.described(self.now)),
                None => no(404, 10_003, &format!("could not find entrypoint ruleset in the {PHASE} phase")),
            },
            ("PUT", ["phases", phase, "entrypoint"]) if *phase == PHASE => self.put_rules(zone, body),
            ("POST", []) => match self.zones[zone].rules {
                _ if body["phase"] != PHASE || body["kind"] != "zone" => no(400, 20_217, "unknown phase or kind"),
                Some(_) => no(
                    400,
                    20_217,
                    "'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase",
                ),
                None => self.put_rules(zone, body),
            },
            (_, [id, ..]) if self.zones[zone].rules.as_ref().is_none_or(|rules| rules.id != **id) => {
                no(404, 10_001, "could not find ruleset")
            }
            ("POST", [_, "rules"]) => self.add_rule(zone, body),
            ("PATCH", [_, "rules", id]) => self.change_rule(zone, id, body),
            ("DELETE", [_, "rules", id]) => self.remove_rule(zone, id),
            _ => nowhere(),
        }
    }

    fn ground(&mut self, zone: &str) -> &mut Vec<Value> {
        let id = self.draw();
        let zone = self.zones.get_mut(zone).expect("a zone that was looked up");
        &mut zone.rules.get_or_insert(Ruleset { id, version: 1, rules: vec![] }).rules
    }

    fn put_rules(&mut self, zone: &str, body: &Value) -> Said {
        let wanted = body["rules"].as_array().cloned().unwrap_or_default();
        if let Some(fault) = wanted.iter().find_map(fault) {
            return no(400, 20_127, fault);
        }
        if wanted.len() > MOST {
            return no(400, 20_127, "exceeded maximum number of rules in the phase");
        }
        let rules: Vec<_> = wanted.iter().map(|rule| with_id(rule, self.draw())).collect();
        *self.ground(zone) = rules;
        self.changed(zone)
    }

    fn changed(&mut self, zone: &str) -> Said {
        let now = self.now;
        match self.zones.get_mut(zone).and_then(|zone| zone.rules.as_mut()) {
            Some(rules) => {
                rules.version += 1;
                yes(200, rules.described(now))
            }
            None => nowhere(),
        }
    }

    fn add_rule(&mut self, zone: &str, body: &Value) -> Said {
        let drawn = self.draw();
        let rules = self.zones.get_mut(zone).and_then(|zone| zone.rules.as_mut());
        let Some(rules) = rules else { return nowhere() };
        if let Some(fault) = fault(body) {
            return no(400, 20_127, fault);
        }
        if rules.rules.len() >= MOST {
            return no(400, 20_127, "exceeded maximum number of rules in the phase");
        }
        let (mut rule, position) = (body.clone(), body["position"].clone());
        rule.as_object_mut().map(|rule| rule.remove("position"));
        rules.place(with_id(&rule, drawn), &position);
        self.changed(zone)
    }

    fn change_rule(&mut self, zone: &str, id: &str, body: &Value) -> Said {
        let rules = self.zones.get_mut(zone).and_then(|zone| zone.rules.as_mut());
        let Some(rules) = rules else { return nowhere() };
        let Some(at) = rules.rules.iter().position(|rule| rule["id"] == id) else {
            return no(404, 10_002, "could not find rule");
        };
        let mut rule = rules.rules[at].clone();
        let position = body["position"].clone();
        if let (Some(rule), Some(body)) = (rule.as_object_mut(), body.as_object()) {
            rule.extend(
                body.iter().filter(|(name, _)| *name != "position").map(|(n, value)| (n.clone(), value.clone())),
            );
        }
        if let Some(fault) = fault(&rule) {
            return no(400, 20_127, fault);
        }
        rules.rules.remove(at);
        let stays = json!({ "index": at + 1 });
        rules.place(rule, if position.is_object() { &position } else { &stays });
        self.changed(zone)
    }

    fn remove_rule(&mut self, zone: &str, id: &str) -> Said {
        let rules = self.zones.get_mut(zone).and_then(|zone| zone.rules.as_mut());
        let Some(rules) = rules else { return nowhere() };
        let before = rules.rules.len();
        rules.rules.retain(|rule| rule["id"] != id);
        if rules.rules.len() == before { no(404, 10_002, "could not find rule") } else { self.changed(zone) }
    }
}
