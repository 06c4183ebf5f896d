//! Redirect rules of a zone: one list, of which ours is one. Each is changed for itself, so that what others have in the
//! list is not written at all. See <https://developers.cloudflare.com/ruleset-engine/rulesets-api/>.

use serde::Deserialize;
use serde_json::{Value, json};

use super::wire::No;
use super::zone::Zone;
use super::{Cloudflare, Right};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

/// The phase in which addresses are redirected.
const PHASE: &str = "http_request_dynamic_redirect";
/// By what our rule is known.
const OURS: &str = "mailwright_redirect";

/// The list.
#[derive(Debug, Deserialize)]
pub(super) struct Ruleset {
    id: String,
    #[serde(default)]
    rules: Vec<Rule>,
}

/// A rule of it.
#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    #[serde(default)]
    id: String,
    #[serde(default, rename = "ref")]
    reference: String,
    #[serde(default)]
    expression: String,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    action_parameters: Value,
}

impl Ruleset {
    pub(super) const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl Rule {
    /// Whether we have made it.
    pub(super) fn is_ours(&self) -> bool {
        self.reference == OURS
    }

    fn says(&self, wanted: &Value) -> bool {
        let value = &self.action_parameters["from_value"];
        let wanted_value = &wanted["action_parameters"]["from_value"];
        self.expression == wanted["expression"]
            && self.enabled != Some(false)
            && value["target_url"] == wanted_value["target_url"]
            && value["status_code"] == wanted_value["status_code"]
            && value["preserve_query_string"].as_bool().unwrap_or(false) == wanted_value["preserve_query_string"]
    }
}

/// The rule that sends these hosts there, for good (301).
pub(super) fn rule(hosts: &[String], target: &str) -> Value {
    let hosts = hosts.iter().map(|host| format!("\"{host}\"")).collect::<Vec<_>>().join(" ");
    json!({
        "ref": OURS,
        "description": "Redirects the web address",
        "expression": format!("(http.host in {{{hosts}}})"),
        "action": "redirect",
        "action_parameters": {
            "from_value": {
                "target_url": { "value": target }, "status_code": 301, "preserve_query_string": false,
            },
        },
        "enabled": true,
    })
}

impl Cloudflare {
    /// The list of a zone; `None` when it has none.
    pub(super) async fn rules(&self, zone: &Zone) -> Result<Option<Ruleset>, Trouble> {
        let path = ["zones", &zone.id, "rulesets", "phases", PHASE, "entrypoint"];
        self.find(Request::new("list_redirects", Method::Get, &path), Right::Redirects).await
    }

    /// Makes this be our only rule, before all others: what stands before it would redirect first.
    pub(super) async fn ensure_rule(&self, zone: &Zone, wanted: &Value) -> Result<(), Trouble> {
        let Some(list) = self.rules(zone).await? else { return self.make_list(zone, wanted).await };
        let ours = list.rules.iter().position(Rule::is_ours);
        if ours.is_some_and(|at| at == 0 && list.rules[at].says(wanted)) {
            return self.remove_twins(zone, &list).await;
        }
        let mut body = wanted.clone();
        body["position"] = json!({ "index": 1 });
        let request = match ours {
            Some(at) => {
                let path = ["zones", &zone.id, "rulesets", &list.id, "rules", &list.rules[at].id];
                Request::new("change_redirect", Method::Patch, &path)
            }
            None => Request::new("add_redirect", Method::Post, &["zones", &zone.id, "rulesets", &list.id, "rules"]),
        };
        match self.ask::<Value>(request.body(body)).await? {
            Ok(_) => self.remove_twins(zone, &list).await,
            // Somebody has taken the rule or the list away meanwhile.
            Err(no) if no.status == 404 => Err(Trouble::Later(None)),
            Err(no) => Err(self.no_rule(&no)),
        }
    }

    /// The first list of a zone. When somebody else has made one meanwhile, ours comes to nothing.
    async fn make_list(&self, zone: &Zone, wanted: &Value) -> Result<(), Trouble> {
        let body = json!({ "name": "default", "kind": "zone", "phase": PHASE, "rules": [wanted] });
        let request = Request::new("make_redirects", Method::Post, &["zones", &zone.id, "rulesets"]);
        match self.ask::<Value>(request.body(body)).await? {
            Ok(_) => Ok(()),
            Err(no) if no.says(&["number of zone rulesets"]) => Err(Trouble::Later(None)),
            Err(no) => Err(self.no_rule(&no)),
        }
    }

    fn no_rule(&self, no: &No) -> Trouble {
        if no.says(&["maximum number of rules", "exceeded the maximum"]) {
            return Trouble::Misconfigured(
                "A zone at Cloudflare has as many redirect rules as its plan allows: remove one there, or give the zone a \
                 larger plan."
                    .into(),
            );
        }
        self.refused(no, Right::Redirects)
    }

    /// Two calls at once may each have added ours.
    async fn remove_twins(&self, zone: &Zone, list: &Ruleset) -> Result<(), Trouble> {
        for twin in list.rules.iter().filter(|rule| rule.is_ours()).skip(1) {
            self.remove_rule(zone, list, twin).await?;
        }
        Ok(())
    }

    /// Removes those that are concerned.
    pub(super) async fn remove_rules(&self, zone: &Zone, concerned: fn(&Rule) -> bool) -> Result<(), Trouble> {
        let Some(list) = self.rules(zone).await? else { return Ok(()) };
        for rule in list.rules.iter().filter(|rule| concerned(rule)) {
            self.remove_rule(zone, &list, rule).await?;
        }
        Ok(())
    }

    async fn remove_rule(&self, zone: &Zone, list: &Ruleset, rule: &Rule) -> Result<(), Trouble> {
        let path = ["zones", &zone.id, "rulesets", &list.id, "rules", &rule.id];
        match self.ask::<Value>(Request::new("remove_redirect", Method::Delete, &path)).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            Err(no) => Err(self.refused(&no, Right::Redirects)),
        }
    }
}
