//! Mailboxes in tenants at Google and Microsoft, linked at Smartlead: by the vendors' own interfaces, at their doubles.

use std::sync::{Arc, Mutex};

use doubles::{Fault, consent, google, graph, smartlead};
use model::clock::{Clock as _, MINUTE};
use model::run::StepName;
use model::world::World;
use serde_json::{Value, json};
use server::accounts;
use tempfile::TempDir;

use super::stage::Live;
use super::vendors_zones::KEY;
use crate::crash::{FATES, Once};
use crate::support::{Rig, order_body};

pub(super) const GOOGLE: &str = "acme-one.com";
pub(super) const MICROSOFT: &str = "acme-two.com";

/// The vendors, and a server that has an account at each.
pub(super) struct Tenants {
    pub(super) live: Live,
    pub(super) google: Arc<google::Google>,
    pub(super) graph: Arc<graph::Graph>,
    pub(super) smartlead: Arc<smartlead::Smartlead>,
    _secrets: TempDir,
}

const ACCOUNTS: &str = r#"
[accounts.workspace]
kind = "google"
base_url = "GOOGLE"
admin = "ADMIN"
key = { file = "FOLDER/google" }
oauth_client_id = "APPLICATION"
oauth_client_secret = { file = "FOLDER/oauth" }

[accounts.office]
kind = "microsoft"
base_url = "GRAPH"
tenant = "TENANT"
client = "CLIENT"
secret = { file = "FOLDER/graph" }
usage_location = "US"
licence = "EXCHANGESTANDARD"
exchange = "automatic"
seat_cents = 400
oauth_client_id = "APPLICATION"
oauth_client_secret = { file = "FOLDER/oauth" }

[accounts.sender]
kind = "smartlead"
base_url = "SMARTLEAD/api"
login_exchange = "on"

[accounts.file]
kind = "csv"

[live]
mail = ["workspace", "office"]
sequencer = ["sender", "file"]
"#;

impl Tenants {
    pub(super) async fn new() -> Self {
        Self::with("on").await
    }

    /// The same, where logins are exchanged for keys, or are not.
    pub(super) async fn with(login_exchange: &str) -> Self {
        let said = format!("\"{login_exchange}\"");
        Self::said(|text| text.replace("\"on\"", &said)).await
    }

    /// The same, where the configuration says something else.
    pub(super) async fn said(change: impl FnOnce(String) -> String) -> Self {
        let now = crate::support::NOW.seconds();
        let google = Arc::new(google::Google::new(now).await);
        let graph = Arc::new(graph::Graph::new(now).await);
        let smartlead = Arc::new(smartlead::Smartlead::new(now).await);
        smartlead.raise_limits();
        let secrets = tempfile::tempdir().unwrap();
        std::fs::write(secrets.path().join("google"), google.key_file()).unwrap();
        std::fs::write(secrets.path().join("graph"), graph::SECRET).unwrap();
        std::fs::write(secrets.path().join("oauth"), consent::SECRET).unwrap();
        let text = ACCOUNTS
            .replace("GOOGLE", &google.server.base())
            .replace("ADMIN", google::ADMIN)
            .replace("GRAPH", &graph.server.base())
            .replace("TENANT", graph::TENANT)
            .replace("CLIENT", graph::CLIENT)
            .replace("APPLICATION", consent::CLIENT)
            .replace("SMARTLEAD", &smartlead.server.base())
            .replace("FOLDER", &secrets.path().display().to_string());
        let live = Live::with(|usual| change(usual.replace("[live]\n", &text))).await;
        Self { live, google, graph, smartlead, _secrets: secrets }
    }

    pub(super) async fn pass(&self) {
        self.pass_at(&self.live.rig).await;
    }

    /// Time passes for a process, and the vendors see what the zones have by then.
    async fn pass_at(&self, rig: &Rig) {
        for _ in 0..30 {
            rig.advance(MINUTE).await;
            let now = self.live.rig.clock.now().seconds();
            self.google.pass_to(now);
            self.graph.pass_to(now);
            self.smartlead.reach(now);
            for name in [GOOGLE, MICROSOFT] {
                self.google.see(name, self.live.dnsimple.hosted(name, "TXT"));
                self.graph.see(name, self.live.dnsimple.hosted(name, "TXT"));
                for selector in ["selector1", "selector2"] {
                    let key = format!("{selector}._domainkey.{name}");
                    self.graph.see(&key, self.live.dnsimple.hosted(&key, "CNAME"));
                }
            }
        }
    }

    pub(super) async fn place(&self) -> String {
        self.live.rig.place(&Self::body("smartlead")).await
    }

    pub(super) fn body(sequencer: &str) -> Value {
        let mut body = order_body(&[GOOGLE, MICROSOFT]);
        body["domains"] = json!([
            { "domain": GOOGLE, "provider": "google" },
            { "domain": MICROSOFT, "provider": "microsoft" },
        ]);
        body["sequencer"] = json!({
            "provider": sequencer, "login_email": smartlead::LOGIN_EMAIL, "login_password": smartlead::LOGIN_PASSWORD,
        });
        body
    }

    /// What is asked about a name.
    pub(super) async fn asked(&self, name: &str) -> Option<Value> {
        let open = self.live.rig.call("GET", "/orders/pending", None).await.body;
        open["data"].as_array().unwrap().iter().find(|one| one["domain"] == name).cloned()
    }

    pub(super) async fn resolve(&self, action: &Value, body: &Value) {
        let path = format!("/orders/pending/{}/resolve", action["id"].as_str().unwrap());
        let answer = self.live.rig.call("POST", &path, Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    pub(super) async fn inboxes(&self, id: &str) -> Vec<Value> {
        let listed = self.live.rig.call("GET", &format!("/inboxes?order_id={id}&per_page=100"), None).await.body;
        listed["data"].as_array().unwrap().clone()
    }

    /// Somebody makes an app password for each inbox of a name, and sends them.
    pub(super) async fn let_in(&self, id: &str, name: &str) {
        let action = self.asked(name).await.unwrap_or_else(|| panic!("nothing is asked about {name}"));
        assert_eq!(action["reason"], "inbox_access_needed", "{action}");
        let mut logins = vec![];
        for inbox in self.inboxes(id).await {
            let email = inbox["email"].as_str().unwrap().to_owned();
            if email.ends_with(name) {
                let password = format!("app-password of {email}");
                self.smartlead.open_mailbox(&email, &password);
                logins.push(json!({ "email": email, "password": password }));
            }
        }
        self.resolve(&action, &json!({ "logins": logins })).await;
    }

    /// Whoever is asked does what they are asked for, until nobody is any more. A process that has met its fate is followed by
    /// another one.
    async fn driven(&self, mut rig: Rig, probe: &Once, context: &str) -> String {
        let id = self.place().await;
        let mut is_dead = false;
        for _ in 0..12 {
            self.pass_at(&rig).await;
            if !is_dead && *probe.met.lock().unwrap() {
                is_dead = true;
                rig = self.live.another(None).await;
                rig.wired.engine.recover().await.unwrap();
            }
            for name in [GOOGLE, MICROSOFT] {
                let Some(action) = self.asked(name).await else { continue };
                match action["reason"].as_str().unwrap() {
                    "dkim_needs_enabling" => {
                        let key = json!({ "dkim_record": { "name": "google._domainkey", "value": KEY } });
                        self.resolve(&action, &key).await;
                    }
                    _ => self.let_in(&id, name).await,
                }
            }
            if self.live.rig.order(&id).await["status"] == "completed" {
                assert!(is_dead, "{context}: the point was never reached");
                return id;
            }
        }
        panic!("{context}: {:#}", self.live.rig.order(&id).await);
    }

    /// The order of both, as far as it comes with what people have to do.
    pub(super) async fn delivered(&self) -> String {
        let id = self.place().await;
        self.pass().await;
        self.let_in(&id, GOOGLE).await;
        self.let_in(&id, MICROSOFT).await;
        self.pass().await;
        let key = self.asked(GOOGLE).await.expect("the key");
        assert_eq!(key["reason"], "dkim_needs_enabling");
        self.resolve(&key, &json!({ "dkim_record": { "name": "google._domainkey", "value": KEY } })).await;
        self.pass().await;
        id
    }
}

#[tokio::test]
async fn inboxes_are_made_in_both_tenants_and_linked() {
    let tenants = Tenants::new().await;
    let id = tenants.delivered().await;
    let order = tenants.live.rig.order(&id).await;
    assert_eq!(order["status"], "completed", "{order:#} {:?}", tenants.asked(GOOGLE).await);
    let inboxes = tenants.inboxes(&id).await;
    assert_eq!(inboxes.len(), 27);
    for inbox in &inboxes {
        let email = inbox["email"].as_str().unwrap();
        let is_google = email.ends_with(GOOGLE);
        assert_eq!(inbox["sequencer"]["status"], "linked", "{inbox}");
        assert_eq!((tenants.google.has_mailbox(email), tenants.graph.has_mailbox(email)), (is_google, !is_google));
        assert_eq!(tenants.smartlead.accounts(email).len(), 1, "{email} is linked once");
    }
    assert!(tenants.graph.signs(MICROSOFT), "what Exchange can do nobody is asked for");
    assert_eq!(tenants.live.dnsimple.hosted(MICROSOFT, "MX").len(), 1, "as Microsoft told it after the verification");
    let shown = order.to_string();
    assert!(!shown.contains(smartlead::API_KEY) && !shown.contains(smartlead::LOGIN_PASSWORD));
}

#[tokio::test]
async fn after_a_cancel_nothing_of_it_is_left_at_any_vendor() {
    let tenants = Tenants::new().await;
    let id = tenants.delivered().await;
    let inboxes = tenants.inboxes(&id).await;
    let cancelled = tenants.live.rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    tenants.live.rig.advance(40 * model::clock::DAY).await;
    tenants.pass().await;
    assert_eq!(tenants.live.rig.order(&id).await["status"], "cancelled");
    for inbox in &inboxes {
        let email = inbox["email"].as_str().unwrap();
        assert!(!tenants.google.has_mailbox(email) && !tenants.graph.has_mailbox(email), "{email} has a mailbox");
        assert_eq!(tenants.smartlead.accounts(email).len(), 0, "{email} is linked");
    }
    assert_eq!((tenants.google.domain(GOOGLE), tenants.graph.domain(MICROSOFT)), (None, None));
}

#[tokio::test]
async fn where_logins_are_not_exchanged_partners_without_a_key_are_named_and_their_orders_wait() {
    for (login_exchange, named) in [("on", vec![]), ("off", vec!["Acme"])] {
        let tenants = Tenants::with(login_exchange).await;
        let roster = tenants.live.rig.wired.providers.roster(&World::live()).unwrap();
        let mut db = tenants.live.rig.wired.store.read().await.unwrap();
        assert_eq!(accounts::keyless(&mut db, roster).await.unwrap(), named, "{login_exchange}");
    }
    let tenants = Tenants::with("off").await;
    let id = tenants.place().await;
    tenants.pass().await;
    let action = tenants.asked(GOOGLE).await.unwrap();
    assert_eq!(action["reason"], "sequencer_key_needed", "{action}");
    tenants.resolve(&action, &json!({ "api_key": smartlead::API_KEY })).await;
    tenants.pass().await;
    tenants.let_in(&id, GOOGLE).await;
    tenants.pass().await;
    let linked = tenants.inboxes(&id).await.iter().filter(|one| one["sequencer"]["status"] == "linked").count();
    let signed_in = tenants.smartlead.server.asked().iter().filter(|one| one.path.ends_with("/auth/login")).count();
    assert_eq!((linked, signed_in), (2, 0));
}

#[tokio::test]
async fn an_order_goes_to_the_sequencer_that_it_names() {
    let tenants = Tenants::new().await;
    let refused = tenants.live.rig.call("POST", "/orders", Some(&Tenants::body("instantly"))).await;
    let error = &refused.body["error"];
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("provider_not_configured"), &json!("sequencer.provider")),
        "{error}"
    );
    let mut handed_out = Tenants::body("csv");
    handed_out["sequencer"] = json!({ "provider": "csv" });
    let id = tenants.live.rig.place(&handed_out).await;
    tenants.pass().await;
    let inboxes = tenants.inboxes(&id).await;
    assert_eq!(
        inboxes.iter().filter(|one| one["sequencer"]["status"] == "linked").count(),
        27,
        "nobody has to let it in"
    );
    assert!(tenants.smartlead.ledger().is_empty(), "which nobody has asked");
    assert_eq!(tenants.live.rig.order(&id).await["sequencer"]["provider"], "csv");
}

#[tokio::test]
async fn a_name_in_somebody_elses_tenant_is_asked_about_and_goes_on_when_it_is_free() {
    let tenants = Tenants::new().await;
    tenants.google.put_elsewhere(GOOGLE);
    let id = tenants.place().await;
    tenants.pass().await;
    let action = tenants.asked(GOOGLE).await.expect("a question");
    assert_eq!((&action["type"], &action["reason"]), (&json!("mail_provider"), &json!("domain_in_another_tenant")));
    assert!(action["message"].as_str().unwrap().contains("remove it there"), "{action}");
    tenants.google.let_go(GOOGLE);
    tenants.pass().await;
    let made = tenants.inboxes(&id).await;
    let here = made.iter().filter(|one| one["email"].as_str().unwrap().ends_with(GOOGLE)).count();
    assert_eq!(here, 2, "it looks again by itself");
}

#[tokio::test]
async fn a_name_in_somebody_elses_tenant_is_not_bought_where_the_host_says_it_before() {
    let tenants = Tenants::new().await;
    tenants.graph.put_elsewhere(MICROSOFT);
    let id = tenants.place().await;
    tenants.pass().await;
    let action = tenants.asked(MICROSOFT).await.expect("a question");
    assert_eq!(action["reason"], "domain_in_another_tenant");
    assert_eq!(tenants.live.bought(MICROSOFT), (0, 0), "a name of no use is not bought");
    assert_ne!(tenants.live.bought(GOOGLE), (0, 0), "the other one is");
    // While the vendor says nothing, what it said last is believed.
    tenants.graph.server.fail_always(Some(Fault::Broken));
    tenants.pass().await;
    assert_eq!(tenants.live.bought(MICROSOFT), (0, 0));
    tenants.graph.server.fail_no_more();
    tenants.graph.let_go(MICROSOFT);
    tenants.pass().await;
    tenants.pass().await;
    let made = tenants.inboxes(&id).await;
    let here = made.iter().filter(|one| one["email"].as_str().unwrap().ends_with(MICROSOFT)).count();
    assert_eq!(here, 25, "it goes on by itself: {:?}", tenants.asked(MICROSOFT).await);
}

#[tokio::test]
async fn a_name_is_bought_all_the_same_where_the_host_says_nothing_for_long() {
    let tenants = Tenants::new().await;
    tenants.graph.server.fail_always(Some(Fault::Broken));
    tenants.place().await;
    tenants.live.rig.work_off().await;
    assert_eq!(tenants.live.bought(MICROSOFT), (0, 0), "it is asked a few times first");
    tenants.pass().await;
    let (first, second) = tenants.live.bought(MICROSOFT);
    assert_eq!(first + second, 1);
}

#[tokio::test]
async fn a_worker_may_die_anywhere_on_its_way_through_the_tenants() {
    use StepName as S;
    for step in [S::OpenMailDomain, S::VerifyMailDomain, S::CreateInboxes, S::LinkSequencer, S::SignMail] {
        for (point, fate) in FATES {
            let context = format!("{} {point:?} {fate:?}", step.as_str());
            let tenants = Tenants::new().await;
            let probe = Arc::new(Once { step, point, fate, met: Mutex::new(false) });
            let doomed = tenants.live.another(Some(probe.clone())).await;
            let id = tenants.driven(doomed, &probe, &context).await;
            for inbox in tenants.inboxes(&id).await {
                let email = inbox["email"].as_str().unwrap();
                let made = (tenants.google.count("user_made", email), tenants.graph.count("user_made", email));
                assert_eq!(made.0 + made.1, 1, "{context}: {email} is made once");
                assert_eq!(tenants.smartlead.accounts(email).len(), 1, "{context}: {email} is linked once");
            }
            let seats = super::seats::held(&tenants).await;
            assert_eq!(
                seats,
                [("office".to_owned(), 25), ("workspace".to_owned(), 2)],
                "{context}: each is counted once"
            );
            let added = |count: usize| assert_eq!(count, 1, "{context}: a domain is added once");
            added(tenants.google.count("domain_added", GOOGLE));
            added(tenants.graph.count("domain_added", MICROSOFT));
        }
    }
}
