//! People who do at once what they are asked for, at the doubles, which count it.

use std::collections::BTreeSet;
use std::sync::Arc;

use doubles::google::Google;
use doubles::graph::Graph;
use doubles::instantly;
use serde_json::{Value, json};

use super::houses::Houses;
use crate::support::{Answer, Rig};

/// Who has the mailboxes of a domain.
enum Host<'a> {
    Google(&'a Arc<Google>),
    Graph(&'a Arc<Graph>),
}

impl Houses {
    /// Everybody does what is asked of them at this moment; answers how many were asked.
    pub(super) async fn people_act(&self, rig: &Rig) -> usize {
        self.people_act_once(rig, &mut BTreeSet::new()).await
    }

    /// The same, without those who have answered: what they said is being used, for as long as a vendor's limits let it take.
    pub(super) async fn people_act_once(&self, rig: &Rig, answered: &mut BTreeSet<String>) -> usize {
        let open = rig.call("GET", "/orders/pending?per_page=100", None).await.body["data"].clone();
        let open = open.as_array().unwrap();
        for action in open.iter().filter(|action| answered.insert(action["id"].as_str().unwrap().to_owned())) {
            let done = self.done(rig, action).await;
            for said in done.unwrap_or_else(|| panic!("nobody here can do this: {action}")) {
                let answer = resolved(rig, action, &said).await;
                assert_eq!(answer.status, 200, "{action}: {}", answer.body);
            }
        }
        open.len()
    }

    /// Everybody does what they can of what is asked of them, and gives up the rest. What they say may come too late.
    pub(super) async fn people_try(&self, rig: &Rig) {
        let open = rig.call("GET", "/orders/pending?per_page=100", None).await.body["data"].clone();
        for action in open.as_array().unwrap() {
            let done = self.done(rig, action).await;
            for said in done.unwrap_or_else(|| vec![json!({ "give_up": true })]) {
                let answer = resolved(rig, action, &said).await;
                assert!(answer.status.as_u16() < 500, "{action}: {}", answer.body);
            }
        }
    }

    /// What somebody has done, as they say it.
    async fn done(&self, rig: &Rig, action: &Value) -> Option<Vec<Value>> {
        let (name, reason) = (action["domain"].as_str().unwrap(), action["reason"].as_str().unwrap());
        if reason == "sequencer_key_needed" || reason == "credentials_rejected" {
            return Some(vec![json!({ "api_key": self.key_of(rig, action).await })]);
        }
        let said = match (reason, self.host(name)?) {
            ("dkim_needs_enabling", Host::Google(host)) => {
                let value = host.person_makes_signing_key(name);
                vec![json!({ "dkim_record": { "name": "google._domainkey", "value": value } })]
            }
            ("dkim_needs_enabling", Host::Graph(host)) => {
                let [one, other] = host.person_makes_signing_keys(name);
                let key = |selector: &str, value: String| {
                    let name = format!("{selector}._domainkey");
                    json!({ "dkim_record": { "type": "CNAME", "name": name, "value": value } })
                };
                vec![key("selector1", one), key("selector2", other)]
            }
            ("inbox_access_needed" | "inbox_login_fails", host) => vec![self.passwords(rig, action, &host).await],
            ("smtp_auth_needed", Host::Graph(host)) => {
                host.person_lets_smtp();
                vec![]
            }
            _ => return None,
        };
        Some(said)
    }

    async fn key_of(&self, rig: &Rig, action: &Value) -> &'static str {
        let order = rig.order(action["order_id"].as_str().unwrap()).await;
        match order["sequencer"]["provider"].as_str() {
            Some("instantly") => instantly::API_KEY,
            _ => self.smartlead.person_shows_key(),
        }
    }

    async fn passwords(&self, rig: &Rig, action: &Value, host: &Host<'_>) -> Value {
        let path = format!("/inboxes?domain_id={}&per_page=100", action["domain_id"].as_str().unwrap());
        let inboxes = rig.call("GET", &path, None).await.body["data"].clone();
        let login = |inbox: &Value| {
            let email = inbox["email"].as_str().unwrap();
            let password = match host {
                Host::Google(host) => host.person_makes_app_password(email),
                Host::Graph(host) => host.person_makes_app_password(email),
            };
            self.smartlead.open_mailbox(email, &password);
            self.instantly.open_mailbox(email, &password);
            json!({ "email": email, "password": password })
        };
        json!({ "logins": inboxes.as_array().unwrap().iter().map(login).collect::<Vec<_>>() })
    }

    fn host(&self, name: &str) -> Option<Host<'_>> {
        let google = self.google.iter().find(|one| one.domain(name).is_some()).map(Host::Google);
        let graph = || self.graph.iter().find(|one| one.domain(name).is_some()).map(Host::Graph);
        google.or_else(graph)
    }
}

async fn resolved(rig: &Rig, action: &Value, said: &Value) -> Answer {
    let path = format!("/orders/pending/{}/resolve", action["id"].as_str().unwrap());
    rig.call("POST", &path, Some(said)).await
}
