//! Answers to questions: each wins for certain or is refused, helps nobody else, and does not vanish.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::Request;
use engine::{Fate, Point, Probe};
use futures_util::FutureExt as _;
use model::clock::{DAY, MINUTE};
use model::run::StepName;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::swapping::During;
use crate::support::{Answer, Rig, order_body};

async fn open(rig: &Rig, order: &str) -> Vec<Value> {
    let answer = rig.call("GET", &format!("/orders/pending?order_id={order}"), None).await;
    answer.body["data"].as_array().unwrap().clone()
}

/// The question about a domain of an order that waits.
async fn question(rig: &Rig, order: &str, domain: &str) -> String {
    let open = open(rig, order).await;
    let found = open.iter().find(|one| one["domain"] == domain).unwrap_or_else(|| panic!("{domain}: {open:?}"));
    found["id"].as_str().unwrap().to_owned()
}

async fn answer(rig: &Rig, action: &str, body: &Value) -> Answer {
    rig.call("POST", &format!("/orders/pending/{action}/resolve"), Some(body)).await
}

async fn accepted(rig: &Rig, action: &str, body: &Value) -> Value {
    let answer = answer(rig, action, body).await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    answer.body["data"].clone()
}

async fn refused(rig: &Rig, action: &str, body: &Value) -> Value {
    let answer = answer(rig, action, body).await;
    assert_eq!(answer.status, 409, "{body}: {}", answer.body);
    assert_eq!(answer.body["error"]["code"], "conflict", "{body}");
    answer.body["error"]["details"].clone()
}

async fn asking(rig: &Rig, name: &str) -> (String, String) {
    let order = rig.place(&order_body(&[name])).await;
    rig.work_off().await;
    let action = question(rig, &order, name).await;
    (order, action)
}

/// Has a request sent while a step is under way, which must be answered with this status and reason.
fn sends(during: &During, rig: &Rig, path: String, body: Value, said: (u16, Option<&'static str>)) {
    let (router, key) = (rig.router.clone(), rig.key.clone());
    during.happens(move || {
        let request = Request::post(format!("/partner/v1{path}")).header("Authorization", format!("Bearer {key}"));
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
        let router = router.clone();
        async move {
            let answer = router.oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((status, body["error"]["details"]["reason"].as_str()), said, "{body}");
        }
        .boxed()
    });
}

async fn an_answer_beside_a_purchase(rig: Rig, during: &During) {
    let (order, action) = asking(&rig, "action-acme.com").await;
    let path = format!("/orders/pending/{action}/resolve");
    sends(during, &rig, path, json!({ "give_up": true }), (409, Some("being_looked_at")));
    accepted(&rig, &action, &json!({})).await;
    rig.work_off().await;
    assert_eq!(rig.order(&order).await["status"], "completed", "what was refused has changed nothing");
    assert_eq!(rig.effects("registered", "action-acme.com").await, 1);
    let late = refused(&rig, &action, &json!({ "give_up": true })).await;
    assert_eq!((&late["reason"], &late["domain_status"]), (&json!("already_resolved"), &json!("active")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_could_lose_against_a_purchase_is_refused_on_sqlite() {
    let during = Arc::new(During::a(StepName::RegisterName, "action-acme.com"));
    let rig = Rig::with_probe(during.clone()).await;
    an_answer_beside_a_purchase(rig, &during).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_could_lose_against_a_purchase_is_refused_on_postgresql() {
    let during = Arc::new(During::a(StepName::RegisterName, "action-acme.com"));
    let Some(rig) = Rig::postgres().await else { return };
    let rig = rig.another(Some(during.clone())).await;
    an_answer_beside_a_purchase(rig, &during).await;
}

/// A worker that dies once, after it has bought.
struct Mortal {
    dies: AtomicBool,
}

impl Probe for Mortal {
    fn fate(&self, _: &str, step: StepName, point: Point) -> Fate {
        let here = (step, point) == (StepName::RegisterName, Point::AfterCall);
        if here && self.dies.swap(false, Ordering::SeqCst) { Fate::Die } else { Fate::Live }
    }
}

#[tokio::test]
async fn an_answer_waits_until_it_is_known_what_a_lost_worker_has_bought() {
    let mortal = Arc::new(Mortal { dies: AtomicBool::new(false) });
    let rig = Rig::with_probe(mortal.clone()).await;
    let (order, action) = asking(&rig, "action-acme.com").await;
    mortal.dies.store(true, Ordering::SeqCst);
    accepted(&rig, &action, &json!({})).await;
    rig.work_off().await;
    let instead = json!({ "replacement_domain": "acme-instead.com" });
    assert_eq!(refused(&rig, &action, &instead).await["reason"], "being_looked_at", "its lease is there");
    rig.wired.engine.recover().await.unwrap();
    assert_eq!(refused(&rig, &action, &instead).await["reason"], "being_looked_at", "nobody knows what it did");
    rig.work_off().await;
    assert_eq!(refused(&rig, &action, &instead).await["reason"], "already_resolved");
    assert_eq!(rig.order(&order).await["status"], "completed");
    assert_eq!(rig.effects("registered", "acme-instead.com").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_bought_that_was_cancelled_before_the_registrar_is_asked() {
    let during = Arc::new(During::before(StepName::RegisterName, "acme-one.com"));
    let rig = Rig::with_probe(during.clone()).await;
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    sends(&during, &rig, format!("/orders/{order}/cancel"), json!({}), (200, None));
    rig.settle_all().await;
    assert_eq!(rig.effects("registered", "acme-one.com").await, 0);
    assert_eq!(rig.order(&order).await["costs"]["charged_cents"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_bought_while_it_was_cancelled_is_paid_for_and_kept() {
    let during = Arc::new(During::a(StepName::RegisterName, "acme-one.com"));
    let rig = Rig::with_probe(during.clone()).await;
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    sends(&during, &rig, format!("/orders/{order}/cancel"), json!({}), (200, None));
    rig.settle_all().await;
    assert_eq!(rig.effects("registered", "acme-one.com").await, 1);
    assert_eq!(rig.order(&order).await["costs"]["charged_cents"], 2_500);
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&order).await["status"], "cancelled");
    let inventory = rig.call("GET", "/domains?category=inventory", None).await.body["data"].clone();
    assert_eq!(inventory[0]["domain"], "acme-one.com");
}

#[tokio::test]
async fn a_lost_name_and_a_higher_price_stay_asked_until_they_are_answered() {
    let rig = Rig::sqlite().await;
    let (taken, first) = asking(&rig, "action-taken-acme.com").await;
    let (dearer, second) = asking(&rig, "action-price-acme.com").await;
    for action in [&first, &second] {
        assert_eq!(accepted(&rig, action, &json!({})).await["status"], "open");
    }
    rig.work_off().await;
    rig.advance(21 * MINUTE).await;
    assert_eq!((open(&rig, &taken).await.len(), open(&rig, &dearer).await.len()), (1, 1));

    let low = answer(&rig, &second, &json!({ "max_total_cents": 2_799 })).await;
    assert_eq!((low.status.as_u16(), &low.body["error"]["code"]), (409, &json!("price_changed")));
    assert_eq!(low.body["error"]["details"]["actual_cents"], 2_800);
    accepted(&rig, &second, &json!({ "max_total_cents": 2_800 })).await;
    accepted(&rig, &first, &json!({ "give_up": true })).await;
    rig.work_off().await;
    assert_eq!(rig.order(&dearer).await["costs"]["charged_cents"], 2_800);
    assert_eq!(
        (&rig.order(&dearer).await["status"], &rig.order(&taken).await["status"]),
        (&json!("completed"), &json!("failed"))
    );
    assert_eq!(rig.effects("registered", "action-taken-acme.com").await, 0);
}

/// How often the step that a domain waits in was tried.
async fn tries(rig: &Rig, order: &str, domain: &str) -> i64 {
    let timeline = rig.call("GET", &format!("/orders/{order}/timeline"), None).await.body["data"].clone();
    let domain = timeline["domains"].as_array().unwrap().iter().find(|one| one["domain"] == domain).unwrap().clone();
    let steps = domain["runs"][0]["steps"].as_array().unwrap().clone();
    steps.iter().find(|step| step["state"] == "asking").unwrap()["attempts"].as_i64().unwrap()
}

#[tokio::test]
async fn an_answer_has_only_that_looked_at_again_which_it_can_help() {
    let rig = Rig::sqlite().await;
    let names = ["action-login-one.com", "action-login-two.com", "action-consent-acme.com"];
    let order = rig.place(&order_body(&names)).await;
    rig.work_off().await;
    assert_eq!(open(&rig, &order).await.len(), 3);
    let (one, two) = (question(&rig, &order, names[0]).await, question(&rig, &order, names[1]).await);
    let login = json!({ "login_email": "new@acme.com", "login_password": "hunter3-secret" });
    accepted(&rig, &one, &login).await;
    rig.work_off().await;
    let left: Vec<_> = open(&rig, &order).await.iter().map(|one| one["domain"].clone()).collect();
    assert_eq!(left, [names[2]], "the same login is what both waited for");
    assert_eq!(tries(&rig, &order, names[2]).await, 1, "nobody looked at it again");
    assert_eq!(accepted(&rig, &two, &login).await["status"], "resolved", "it resolved this one too");
    let other = json!({ "login_email": "new@acme.com", "login_password": "another" });
    assert_eq!(refused(&rig, &two, &other).await["reason"], "already_resolved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_asked_for_a_login_that_was_sent_while_the_old_one_was_tried() {
    let during = Arc::new(During::a(StepName::LinkSequencer, "action-login-two.com"));
    let rig = Rig::with_probe(during.clone()).await;
    let order = rig.place(&order_body(&["action-login-one.com", "action-taken-acme.com"])).await;
    rig.work_off().await;
    let first = question(&rig, &order, "action-login-one.com").await;
    let taken = question(&rig, &order, "action-taken-acme.com").await;
    accepted(&rig, &taken, &json!({ "replacement_domain": "action-login-two.com" })).await;
    let login = json!({ "login_email": "new@acme.com", "login_password": "hunter3-secret" });
    sends(&during, &rig, format!("/orders/pending/{first}/resolve"), login, (200, None));
    rig.settle_all().await;
    assert_eq!(rig.order(&order).await["status"], "completed", "it was tried again with the new one");
    let asked = rig.event_types().await.iter().filter(|kind| *kind == "domain.action_required").count();
    assert_eq!(asked, 2, "the second login was not asked for");
}

#[tokio::test]
async fn a_late_answer_is_told_what_became_of_its_question() {
    let rig = Rig::sqlite().await;
    let (_, action) = asking(&rig, "action-taken-acme.com").await;
    let instead = json!({ "replacement_domain": "acme-instead.com" });
    accepted(&rig, &action, &instead).await;
    assert_eq!(accepted(&rig, &action, &instead).await["status"], "open", "the first answer may have been lost");
    assert_eq!(refused(&rig, &action, &json!({ "give_up": true })).await["reason"], "already_stopped");
    rig.settle_all().await;
    assert_eq!(accepted(&rig, &action, &instead).await["status"], "resolved");
    assert_eq!(accepted(&rig, &action, &json!({})).await["status"], "resolved");
    for late in [json!({ "give_up": true }), json!({ "replacement_domain": "acme-other.com" })] {
        let details = refused(&rig, &action, &late).await;
        assert_eq!(
            (&details["reason"], &details["resolved_with"]),
            (&json!("already_resolved"), &json!("replacement_domain"))
        );
        assert_eq!(
            (&details["domain_status"], &details["resolved_at"]),
            (&json!("released"), &json!("2026-05-08T12:00:00Z"))
        );
    }
    assert_eq!(rig.effects("registered", "acme-instead.com").await, 1);
    assert_eq!(rig.effects("registered", "acme-other.com").await, 0);
}

#[tokio::test]
async fn a_password_that_was_answered_is_not_kept_in_clear() {
    let rig = Rig::sqlite().await;
    let (_, action) = asking(&rig, "action-login-acme.com").await;
    accepted(&rig, &action, &json!({ "login_email": "new@acme.com", "login_password": "hunter3-secret" })).await;
    let mut db = rig.wired.store.read().await.unwrap();
    let kept = store::actions::get(&mut db, &rig.scope(), &model::id::Id::opaque(action)).await.unwrap().unwrap();
    let answered = kept.answered.unwrap();
    assert_eq!((answered.with.as_str(), answered.hash.len()), ("login_password", 64));
    assert!(!answered.hash.contains("hunter3"));
}
