//! What a partner can think of.

use model::clock::{Clock as _, DAY, HOUR, MINUTE};
use model::id::{DomainId, Id as _};
use serde_json::{Value, json};

use super::{A_MONTH, Walk};
use crate::support::lottery::Lottery;
use crate::support::{Answer, order_body};

/// Beginnings of names: most work.
const NAMES: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "",
    "slow-",
    "flaky-",
    "lost-",
    "fail-",
    "team-",
    "drift-",
    "renewal-jump-",
    "late-mailbox-",
    "dkim-slow-",
    "pending-hours-",
    "nons-",
    "livemx-",
    "action-",
    "action-taken-",
    "action-price-",
    "action-registrant-",
    "action-consent-",
    "action-dkim-",
    "action-capacity-",
    "action-picture-",
    "action-login-",
    "action-renewal-",
    "action-target-",
    "premium-",
    "sold-",
];

/// A name of the sandbox.
pub(super) fn name(lottery: &mut Lottery) -> String {
    let prefix = lottery.pick(NAMES).copied().unwrap_or_default();
    format!("{prefix}acme-{}.com", lottery.draw(10_000))
}

impl Walk {
    pub(super) async fn moves(&mut self) {
        match self.lottery.draw(20) {
            0..=3 => self.order().await,
            4 | 5 => self.cancel().await,
            6 => self.undo().await,
            7..=9 => self.swap().await,
            10 => self.rename().await,
            11 => self.forward().await,
            12 => self.import().await,
            13 | 14 => self.resolve().await,
            15 => self.resolve_two().await,
            16 => self.cancel_swap().await,
            _ => self.wait().await,
        }
    }

    /// A call that may be refused, and must not break anything.
    pub(crate) async fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self.rig.call(method, path, body).await;
        let said = &answer.body["error"]["code"];
        let body = body.map(Value::to_string).unwrap_or_default();
        self.log.push(format!("{} {method} {path} {body} {} {said}", self.rig.clock.now(), answer.status));
        assert!(answer.status.as_u16() < 500, "{}\n{}", self.log.join("\n"), answer.body);
        answer.body["data"].clone()
    }

    /// All rows of a list.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let answer = self.rig.call("GET", path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body["data"].as_array().unwrap().clone()
    }

    async fn one_of(&mut self, path: &str) -> Option<Value> {
        let rows = self.all(path).await;
        self.lottery.pick(&rows).cloned()
    }

    async fn id_of(&mut self, path: &str) -> Option<String> {
        self.one_of(path).await.and_then(|row| row["id"].as_str().map(str::to_owned))
    }

    /// A name, sometimes one that is known already.
    async fn name(&mut self) -> String {
        if self.lottery.draw(6) == 0
            && let Some(known) = self.one_of("/domains?per_page=100").await
        {
            return known["domain"].as_str().unwrap_or_default().to_owned();
        }
        (self.names)(&mut self.lottery)
    }

    pub(crate) async fn order(&mut self) {
        let mut names = vec![];
        for _ in 0..=self.lottery.draw(3) {
            names.push(self.name().await);
        }
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut body = order_body(&names);
        let google = self.lottery.draw(1 + names.len() as u64);
        body["google_licenses"] = json!(2 * google);
        body["microsoft_licenses"] = json!(names.len() as u64 - google);
        if let Some(sequencer) = self.sequencers {
            body["sequencer"] = sequencer(&mut self.lottery);
        }
        self.call("POST", "/orders", Some(&body)).await;
    }

    pub(crate) async fn cancel(&mut self) {
        let Some(order) = self.id_of("/orders?per_page=100").await else { return };
        let domains = self.rig.order(&order).await["domains"].clone();
        let one = self.lottery.pick(domains.as_array().unwrap()).map(|domain| domain["domain"].clone());
        let body = match one {
            Some(name) if self.lottery.draw(2) == 0 => json!({ "domains": [name] }),
            _ => json!({}),
        };
        self.call("POST", &format!("/orders/{order}/cancel"), Some(&body)).await;
    }

    pub(crate) async fn undo(&mut self) {
        let Some(order) = self.id_of("/orders?per_page=100").await else { return };
        self.call("DELETE", &format!("/orders/{order}/cancel"), None).await;
    }

    pub(crate) async fn swap(&mut self) {
        let Some(domain) = self.id_of("/domains?category=connected&per_page=100").await else { return };
        let kind = if self.lottery.draw(3) == 0 { "premium" } else { "standard" };
        let name = self.name().await;
        let body = json!({ "type": kind, "domain_id": domain, "replacement_domain": name });
        self.call("POST", "/swaps", Some(&body)).await;
    }

    pub(crate) async fn cancel_swap(&mut self) {
        let Some(swap) = self.id_of("/swaps?per_page=100").await else { return };
        self.call("POST", &format!("/swaps/{swap}/cancel"), None).await;
    }

    pub(crate) async fn rename(&mut self) {
        let Some(domain) = self.id_of("/domains?category=connected&per_page=100").await else { return };
        let first = *self.lottery.pick(&["Nora", "Ida", "Kim"]).unwrap();
        let people = json!([{ "first_name": first, "last_name": "Berg", "profile_picture_url": null }]);
        let body = json!({ "domain_id": domain, "personas": people });
        self.call("POST", "/swaps/user_names", Some(&body)).await;
    }

    pub(crate) async fn forward(&mut self) {
        let Some(domain) = self.id_of("/domains?per_page=100").await else { return };
        let url =
            *self.lottery.pick(&["https://acme.com/new", "https://acme.com/old", "https://nodns-acme.com"]).unwrap();
        let body = json!({ "domains": [domain], "forwarding_url": url });
        self.call("POST", "/domains/forwarding", Some(&body)).await;
    }

    async fn import(&mut self) {
        let names = [self.name().await, self.name().await];
        let body = json!({ "domains": names, "replace_live_mail": self.lottery.draw(2) == 0 });
        self.call("POST", "/domains/import/jobs", Some(&body)).await;
    }

    pub(crate) async fn resolve(&mut self) {
        let Some(action) = self.one_of("/orders/pending?per_page=100").await else { return };
        let answer = self.any_answer().await;
        self.answer(&action, &answer).await;
    }

    /// Two questions of one order, when there are two, at the same moment.
    pub(super) async fn resolve_two(&mut self) {
        let actions = self.all("/orders/pending?per_page=100").await;
        let Some(first) = self.lottery.pick(&actions).cloned() else { return };
        let same_order = |one: &&Value| one["order_id"] == first["order_id"] && one["id"] != first["id"];
        let others: Vec<_> = actions.iter().filter(same_order).cloned().collect();
        let second = self.lottery.pick(&others).cloned().unwrap_or_else(|| first.clone());
        let (one, other) = (self.any_answer().await, self.any_answer().await);
        let said = tokio::join!(self.say(&first, &one), self.say(&second, &other));
        self.note(&first, &one, said.0).await;
        self.note(&second, &other, said.1).await;
    }

    async fn any_answer(&mut self) -> Value {
        let name = self.name().await;
        let answers = [
            json!({}),
            json!({}),
            json!({ "give_up": true }),
            json!({ "replacement_domain": name }),
            json!({ "max_total_cents": 100_000 }),
            json!({ "forwarding_url": "https://acme.com/else" }),
            json!({ "profile_picture_url": "https://acme.com/face.png" }),
            json!({ "login_email": "peeker@acme.com", "login_password": "another" }),
        ];
        self.lottery.pick(&answers).cloned().unwrap_or_default()
    }

    async fn answer(&mut self, action: &Value, answer: &Value) {
        let said = self.say(action, answer).await;
        self.note(action, answer, said).await;
    }

    async fn say(&self, action: &Value, answer: &Value) -> Answer {
        let path = format!("/orders/pending/{}/resolve", action["id"].as_str().unwrap());
        self.rig.call("POST", &path, Some(answer)).await
    }

    /// Remembers what was given up by an answer, and whether it was before anything was bought.
    async fn note(&mut self, action: &Value, answer: &Value, said: Answer) {
        let code = &said.body["error"]["code"];
        self.log.push(format!("{} answer {answer} to {action} {} {code}", self.rig.clock.now(), said.status));
        assert!(said.status.as_u16() < 500, "{}\n{}", self.log.join("\n"), said.body);
        let abandons = answer.get("give_up").is_some() || answer.get("replacement_domain").is_some();
        if said.status == 200 && abandons {
            let domain = DomainId::opaque(action["domain_id"].as_str().unwrap());
            self.abandoned.push((domain, action["type"] != "registration"));
        }
    }

    pub(crate) async fn wait(&mut self) {
        let time = *self.lottery.pick(&[MINUTE, 10 * MINUTE, HOUR, DAY, 5 * DAY, 15 * DAY, A_MONTH]).unwrap();
        self.rig.clock.advance(time);
        self.log.push(format!("{} after {} h", self.rig.clock.now(), time / HOUR));
    }
}
