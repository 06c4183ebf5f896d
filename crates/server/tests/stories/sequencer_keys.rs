//! Whose key opens the sequencer: the order's, its customer's, its partner's, or the one that the login is exchanged for once.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::action::ActionReason;
use model::id::{Id as _, OrderId};
use model::order::Order;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{Part, Reachable, Sequencer, SequencerLogin};
use providers::trouble::{Refused, Trouble};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use store::orders;

use crate::program::run;
use crate::support::{Rig, order_body};

/// The key that every login is exchanged for.
const EXCHANGED: &str = "exchanged-key-1";
/// A key that the sequencer does not take any more.
const REVOKED: &str = "revoked-key";

/// The sandbox's sequencer, that lets nobody in without a key, and which ones it saw.
struct Keyed {
    behind: Player<dyn Sequencer>,
    keys: Mutex<Vec<String>>,
    exchanged: Mutex<Vec<String>>,
    exchanges: bool,
    /// How many addresses it was asked to let go.
    unlinked: Mutex<usize>,
}

impl Keyed {
    fn seen(&self) -> Vec<String> {
        let mut keys = self.keys.lock().unwrap().clone();
        keys.dedup();
        keys
    }

    fn note(&self, login: &SequencerLogin) {
        self.keys.lock().unwrap().push(login.api_key.as_ref().expect("a key").expose_secret().to_owned());
    }
}

#[async_trait]
impl Sequencer for Keyed {
    fn needs_key(&self) -> bool {
        true
    }

    fn exchanges_logins(&self) -> bool {
        self.exchanges
    }

    async fn ensure_linked(
        &self,
        call: &Call,
        login: &SequencerLogin,
        inboxes: &[Reachable],
    ) -> Part<(String, String)> {
        self.note(login);
        if login.api_key.as_ref().is_some_and(|key| key.expose_secret() == REVOKED) {
            let trouble = Some(Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected)));
            return Part { done: vec![], trouble };
        }
        self.behind.ensure_linked(call, login, inboxes).await
    }

    async fn ensure_unlinked(&self, call: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble> {
        self.note(login);
        *self.unlinked.lock().unwrap() += emails.len();
        self.behind.ensure_unlinked(call, login, emails).await
    }

    async fn key_for(&self, _: &Call, login: &SequencerLogin) -> Result<Option<SecretString>, Trouble> {
        let password = login.password.as_ref().expect("a password").expose_secret();
        self.exchanged.lock().unwrap().push(password.to_owned());
        match (self.exchanges, password) {
            (false, _) => Ok(None),
            (true, "wrong") => Err(Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected))),
            (true, _) => Ok(Some(EXCHANGED.into())),
        }
    }
}

async fn stage(exchanges: bool) -> (Rig, Arc<Keyed>) {
    let mut rig = Rig::sqlite().await;
    let cast = rig.wired.sim.cast();
    let behind = cast.sequencer.clone();
    let keyed = Arc::new(Keyed {
        behind,
        keys: Mutex::default(),
        exchanged: Mutex::default(),
        exchanges,
        unlinked: Mutex::default(),
    });
    rig.employ(Cast { sequencer: Player::new("sandbox", keyed.clone()), ..cast }, None);
    (rig, keyed)
}

async fn kept(rig: &Rig, id: &str) -> Order {
    orders::load(&mut rig.wired.store.read().await.unwrap(), &OrderId::opaque(id)).await.unwrap().unwrap()
}

fn body(sequencer: Value) -> Value {
    let mut body = order_body(&["acme-one.com", "acme-two.com"]);
    body["sequencer"] = sequencer;
    body
}

async fn asked(rig: &Rig, id: &str) -> Value {
    let open = rig.call("GET", &format!("/orders/pending?order_id={id}"), None).await.body;
    open["data"].as_array().unwrap().first().cloned().unwrap_or_else(|| panic!("{open}"))
}

async fn resolve(rig: &Rig, action: &Value, body: Value) {
    let path = format!("/orders/pending/{}/resolve", action["id"].as_str().unwrap());
    let answer = rig.call("POST", &path, Some(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_login_is_exchanged_for_a_key_and_its_password_shredded() {
    let (rig, keyed) = stage(true).await;
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    assert_eq!(keyed.seen(), [EXCHANGED]);
    let order = kept(&rig, &id).await;
    assert_eq!(order.sequencer.login_password, None, "nobody needs it any more");
    let (_, key) = orders::open_login(rig.wired.store.vault(), &order).unwrap();
    assert_eq!(key.unwrap().expose_secret(), EXCHANGED, "sealed for the order's life");
    assert_eq!(rig.order(&id).await["sequencer"]["login_email"], "peeker@acme.com", "as it was sent");
    let asked_for = keyed.exchanged.lock().unwrap().len();
    assert_eq!(rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await.status, 200);
    rig.advance(40 * model::clock::DAY).await;
    assert_eq!((keyed.seen(), keyed.exchanged.lock().unwrap().len()), (vec![EXCHANGED.to_owned()], asked_for));
}

#[tokio::test]
async fn an_order_with_a_key_needs_no_login() {
    let (rig, keyed) = stage(true).await;
    let half = body(json!({ "provider": "smartlead", "api_key": "own-key", "login_email": "peeker@acme.com" }));
    let refused = rig.call("POST", "/orders", Some(&half)).await;
    assert_eq!(refused.body["error"]["field"], "sequencer.login_password", "{}", refused.body);
    let neither = rig.call("POST", "/orders", Some(&body(json!({ "provider": "smartlead" })))).await;
    assert_eq!(neither.status, 400, "{}", neither.body);
    let id = rig.place(&body(json!({ "provider": "smartlead", "api_key": "own-key" }))).await;
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!((&order["status"], &order["sequencer"]["login_email"]), (&json!("completed"), &Value::Null));
    assert_eq!((keyed.seen(), keyed.exchanged.lock().unwrap().len()), (vec!["own-key".to_owned()], 0));
    assert!(!order.to_string().contains("own-key"));
}

#[tokio::test]
async fn the_customers_key_comes_before_the_partners_and_that_before_the_login() {
    let (rig, keyed) = stage(true).await;
    let route =
        json!({ "email": "alex@acme.com", "sequencer": { "provider": "smartlead", "api_key": "customers-key" } });
    let user = rig.call("POST", "/users", Some(&route)).await;
    assert!(!user.body.to_string().contains("customers-key"), "{}", user.body);
    let file = rig.config.data.join("key");
    std::fs::write(&file, "partners-key\n").unwrap();
    let set = ["partners", "set", "--partner", "Acme", "--sequencer-key-file", file.to_str().unwrap()];
    let output = run(&rig.config.data, &set).await;
    assert!(output.status.success(), "{output:?}");
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    assert_eq!(keyed.seen(), ["customers-key"]);
    let path = format!("/users/{}", user.body["data"]["id"].as_str().unwrap());
    let cleared = rig.call("PATCH", &path, Some(&json!({ "sequencer": { "api_key": "" } }))).await;
    assert_eq!(cleared.status, 200, "{}", cleared.body);
    let id = rig.place(&order_body(&["acme-two.com"])).await;
    rig.settle_all().await;
    assert_eq!(keyed.seen(), ["customers-key", "partners-key"]);
    assert!(kept(&rig, &id).await.sequencer.login_password.is_some(), "it was not exchanged");
    assert_eq!(keyed.exchanged.lock().unwrap().len(), 0);
    std::fs::write(&file, "").unwrap();
    assert!(run(&rig.config.data, &set).await.status.success());
    rig.place(&order_body(&["acme-three.com"])).await;
    rig.settle_all().await;
    assert_eq!(keyed.seen().last().unwrap(), EXCHANGED, "an empty file takes it away");
}

#[tokio::test]
async fn a_customers_or_partners_key_is_shown_to_no_other_sequencer_than_the_usual_one() {
    let (rig, keyed) = stage(false).await;
    let route =
        json!({ "email": "alex@acme.com", "sequencer": { "provider": "smartlead", "api_key": "customers-key" } });
    assert_eq!(rig.call("POST", "/users", Some(&route)).await.status, 201);
    let mut elsewhere = order_body(&["acme-one.com"]);
    elsewhere["sequencer"]["provider"] = json!("instantly");
    let id = rig.place(&elsewhere).await;
    rig.work_off().await;
    assert_eq!(asked(&rig, &id).await["reason"], "sequencer_key_needed");
    assert_eq!(keyed.seen(), [] as [String; 0]);
}

#[tokio::test]
async fn where_logins_are_not_exchanged_a_key_is_asked_for() {
    let (rig, keyed) = stage(false).await;
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.work_off().await;
    let action = asked(&rig, &id).await;
    assert_eq!((&action["type"], &action["reason"]), (&json!("sequencer_login"), &json!("sequencer_key_needed")));
    assert!(action["message"].as_str().unwrap().contains("`api_key`"), "{action}");
    resolve(&rig, &action, json!({ "api_key": "sent-key" })).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed", "both domains go on");
    assert_eq!(keyed.seen(), ["sent-key"]);
}

#[tokio::test]
async fn a_login_that_is_not_let_in_is_asked_for_again() {
    let (rig, keyed) = stage(true).await;
    let mut wrong = order_body(&["acme-one.com"]);
    wrong["sequencer"]["login_password"] = json!("wrong");
    let id = rig.place(&wrong).await;
    rig.work_off().await;
    let action = asked(&rig, &id).await;
    assert_eq!(action["reason"], "credentials_rejected");
    assert!(kept(&rig, &id).await.sequencer.login_password.is_some(), "it is not shredded before it was of use");
    rig.advance(model::clock::DAY).await;
    assert_eq!(keyed.exchanged.lock().unwrap().len(), 1, "whoever signs in with it all day is shut out");
    resolve(&rig, &action, json!({})).await;
    rig.work_off().await;
    assert_eq!(keyed.exchanged.lock().unwrap().len(), 2, "somebody says that it is let in now");
    resolve(&rig, &action, json!({ "login_email": "new@acme.com", "login_password": "right" })).await;
    rig.settle_all().await;
    assert_eq!((&rig.order(&id).await["status"], keyed.seen()), (&json!("completed"), vec![EXCHANGED.to_owned()]));
}

async fn customer(rig: &Rig, key: &str) -> String {
    let route = json!({ "email": "alex@acme.com", "sequencer": { "provider": "smartlead", "api_key": key } });
    let user = rig.call("POST", "/users", Some(&route)).await;
    format!("/users/{}", user.body["data"]["id"].as_str().unwrap())
}

#[tokio::test]
async fn inboxes_are_let_go_although_the_customers_key_was_taken_away() {
    let (rig, keyed) = stage(true).await;
    let user = customer(&rig, "customers-key").await;
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let cleared = rig.call("PATCH", &user, Some(&json!({ "sequencer": { "api_key": "" } }))).await;
    assert_eq!(cleared.status, 200, "{}", cleared.body);
    assert_eq!(rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await.status, 200);
    rig.advance(40 * model::clock::DAY).await;
    rig.settle_all().await;
    assert_ne!(*keyed.unlinked.lock().unwrap(), 0, "nobody pays for them any more");
}

#[tokio::test]
async fn a_login_that_is_sent_in_place_of_a_refused_key_is_used() {
    let (rig, keyed) = stage(true).await;
    customer(&rig, REVOKED).await;
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.work_off().await;
    let action = asked(&rig, &id).await;
    assert_eq!(action["reason"], "credentials_rejected");
    resolve(&rig, &action, json!({ "login_email": "new@acme.com", "login_password": "right" })).await;
    rig.work_off().await;
    assert_eq!(keyed.exchanged.lock().unwrap().as_slice(), ["right"]);
    assert_eq!(rig.order(&id).await["status"], "completed");
}
