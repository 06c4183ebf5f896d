//! What happens at an unlucky moment: late, on the very day, between an answer and its step, after a taken-back word.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use futures_util::FutureExt as _;
use model::clock::{DAY, HOUR};
use model::run::StepName;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::swapping::During;
use crate::support::{Answer, Rig, order_body};

async fn call(rig: &Rig, method: &str, path: &str, body: Option<&Value>) -> Value {
    let answer = rig.call(method, path, body).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    answer.body["data"].clone()
}

async fn cancel(rig: &Rig, id: &str, body: Option<&Value>) -> Value {
    call(rig, "POST", &format!("/orders/{id}/cancel"), body).await
}

async fn resolve(rig: &Rig, order: &str, body: &Value) -> Answer {
    let open = call(rig, "GET", &format!("/orders/pending?order_id={order}"), None).await;
    let path = format!("/orders/pending/{}/resolve", open[0]["id"].as_str().unwrap());
    rig.call("POST", &path, Some(body)).await
}

fn sum(order: &Value) -> i64 {
    let lines = order["costs"]["line_items"].as_array().unwrap();
    lines.iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn months_before_a_domain_worked_are_not_paid_for() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-login-acme.com"])).await;
    rig.work_off().await;
    rig.clock.advance(70 * DAY);
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), sum(&order)), (Some("completed"), 2500));
    assert_eq!(order["renews_at"], "2026-08-08T12:00:00Z");
    rig.advance(30 * DAY).await;
    assert_eq!(sum(&rig.order(&id).await), 2500 + 1200);
}

#[tokio::test]
async fn a_replacement_booked_on_the_day_of_renewal_is_paid_once_for_it() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-taken-acme.com", "acme-two.com"])).await;
    rig.work_off().await;
    rig.clock.advance(31 * DAY - HOUR);
    let body = json!({ "replacement_domain": "acme-instead.com" });
    assert_eq!(resolve(&rig, &id, &body).await.status, 200);
    rig.settle_all().await;
    rig.advance(HOUR).await;
    let order = rig.order(&id).await;
    assert_eq!(order["renews_at"], "2026-07-08T12:00:00Z");
    let other = order["domains"].as_array().unwrap().iter().find(|one| one["domain"] == "acme-two.com").unwrap();
    let other = if other["provider"] == "google" { 1200 } else { 3000 };
    assert_eq!(sum(&order), 6800 + other, "the replacement has paid for this day already");
    rig.advance(30 * DAY).await;
    assert_eq!(sum(&rig.order(&id).await), 6800 + other + 4200);
}

#[tokio::test]
async fn a_second_replacement_is_refused_while_the_first_is_on_its_way() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-taken-acme.com"])).await;
    rig.work_off().await;
    assert_eq!(resolve(&rig, &id, &json!({ "replacement_domain": "acme-instead.com" })).await.status, 200);
    let again = resolve(&rig, &id, &json!({ "replacement_domain": "acme-instead.com" })).await;
    assert_eq!(again.status, 200, "a repeat of the same answer is no second one: {}", again.body);
    let second = resolve(&rig, &id, &json!({ "replacement_domain": "acme-other.com" })).await;
    assert_eq!((second.status.as_u16(), &second.body["error"]["code"]), (409, &json!("conflict")));
    assert_eq!(second.body["error"]["details"]["reason"], "already_stopped");
    rig.settle_all().await;
    assert_eq!(rig.effects("registered", "acme-other.com").await, 0);
    assert_eq!(sum(&rig.order(&id).await), 2500);
}

#[tokio::test]
async fn a_name_that_another_takes_the_place_of_cannot_be_cancelled_and_is_not_counted() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-taken-acme.com", "acme-two.com"])).await;
    rig.work_off().await;
    assert_eq!(resolve(&rig, &id, &json!({ "replacement_domain": "acme-instead.com" })).await.status, 200);
    let body = json!({ "domains": ["action-taken-acme.com"] });
    let refused = rig.call("POST", &format!("/orders/{id}/cancel"), Some(&body)).await;
    assert_eq!(refused.body["error"]["details"]["reason"], "not_live", "{}", refused.body);
    cancel(&rig, &id, Some(&json!({ "domains": ["acme-two.com"] }))).await;
    let undone = call(&rig, "DELETE", &format!("/orders/{id}/cancel"), None).await;
    assert_eq!(undone["domain_count"], 2);
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["domain_count"], 2);
}

#[tokio::test]
async fn nothing_is_replaced_in_an_order_that_was_cancelled() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-taken-acme.com"])).await;
    rig.work_off().await;
    cancel(&rig, &id, None).await;
    let refused = resolve(&rig, &id, &json!({ "replacement_domain": "acme-instead.com" })).await;
    assert_eq!(refused.body["error"]["details"]["reason"], "already_stopped", "{}", refused.body);
    rig.settle_all().await;
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
}

#[tokio::test]
async fn an_order_that_nobody_worked_on_for_a_month_ends_when_it_is_cancelled() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.clock.advance(40 * DAY);
    let cancelled = cancel(&rig, &id, None).await;
    assert_eq!(cancelled["cancels_at"], "2026-06-08T12:00:00Z", "what was paid for is over: {cancelled}");
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), sum(&order)), (Some("cancelled"), 0));
    assert_eq!(rig.effects("registered", "acme-one.com").await, 0);
}

#[tokio::test]
async fn a_bought_name_leaves_an_order_that_failed_meanwhile() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-login-acme.com", "action-taken-acme.com"])).await;
    rig.work_off().await;
    let open = call(&rig, "GET", "/orders/pending", None).await;
    let taken = open.as_array().unwrap().iter().find(|one| one["reason"] == "name_taken").unwrap().clone();
    cancel(&rig, &id, Some(&json!({ "domains": ["action-login-acme.com"] }))).await;
    rig.work_off().await;
    let path = format!("/orders/pending/{}/resolve", taken["id"].as_str().unwrap());
    call(&rig, "POST", &path, Some(&json!({ "give_up": true }))).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "failed");
    assert_eq!(rig.effects("mailbox_deleted", "alex.rivera@action-login-acme.com").await, 0);
    rig.advance(32 * DAY).await;
    assert_eq!(rig.effects("mailbox_deleted", "alex.rivera@action-login-acme.com").await, 1);
    let inventory = call(&rig, "GET", "/domains?category=inventory", None).await;
    assert_eq!(inventory[0]["domain"], "action-login-acme.com");
    assert_eq!(rig.next_due().await, None);
}

#[tokio::test]
async fn an_order_of_which_every_domain_was_cancelled_is_cancelled() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    cancel(&rig, &id, Some(&json!({ "domains": ["acme-one.com"] }))).await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    cancel(&rig, &id, Some(&json!({ "domains": ["acme-two.com"] }))).await;
    assert_eq!(rig.order(&id).await["status"], "cancel_scheduled");
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
    let kinds = rig.event_types().await;
    assert_eq!(&kinds[kinds.len() - 2..], ["order.cancel_scheduled", "order.cancelled"]);
}

#[tokio::test]
async fn what_is_cancelled_before_it_is_bought_no_longer_counts() {
    let body = json!({ "domains": ["action-taken-acme.com"] });
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-taken-acme.com", "acme-two.com"])).await;
    rig.work_off().await;
    let first = cancel(&rig, &id, Some(&body)).await;
    rig.settle_all().await;
    assert_eq!(cancel(&rig, &id, Some(&body)).await, first, "twice is the same answer");
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), order["domain_count"].as_i64()), (Some("completed"), Some(1)));
}

#[tokio::test]
async fn an_order_is_completed_when_the_rest_was_credited_before_its_cancellation_was_taken_back() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-taken-acme.com", "acme-two.com"])).await;
    rig.work_off().await;
    cancel(&rig, &id, None).await;
    rig.settle_all().await;
    let undone = call(&rig, "DELETE", &format!("/orders/{id}/cancel"), None).await;
    assert_eq!((undone["status"].as_str(), undone["domain_count"].as_i64()), (Some("completed"), Some(1)));
    let kinds = rig.event_types().await;
    assert_eq!(&kinds[kinds.len() - 2..], ["order.cancel_undone", "order.completed"]);
}

#[tokio::test]
async fn a_registration_that_fell_due_during_a_cancellation_is_renewed_when_that_is_taken_back() {
    let rig = Rig::sqlite().await;
    let first = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    cancel(&rig, &first, None).await;
    // The name goes to the inventory and is ordered again on 20 March; it runs out on 8 May, and is renewed on 8 April.
    rig.advance(316 * DAY).await;
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    rig.advance(12 * DAY).await;
    cancel(&rig, &id, None).await;
    rig.advance(8 * DAY).await;
    assert_eq!(rig.effects("renewed", "acme-one.com").await, 0, "what leaves is not renewed");
    call(&rig, "DELETE", &format!("/orders/{id}/cancel"), None).await;
    rig.work_off().await;
    assert_eq!(rig.effects("renewed", "acme-one.com").await, 1);
}

#[tokio::test]
async fn what_is_given_up_counts_no_more_and_carries_no_inboxes() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-login-acme.com", "acme-two.com"])).await;
    rig.work_off().await;
    assert_eq!(resolve(&rig, &id, &json!({ "give_up": true })).await.status, 200);
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), order["domain_count"].as_i64()), (Some("completed"), Some(1)));
    let given_up = order["domains"].as_array().unwrap().iter().find(|one| one["status"] == "failed").unwrap();
    assert_eq!(given_up["inboxes"], 0);
}

#[tokio::test]
async fn an_order_that_has_ended_shows_what_left_with_it() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com", "action-taken-acme.com"])).await;
    rig.work_off().await;
    cancel(&rig, &id, Some(&json!({ "domains": ["acme-one.com", "action-taken-acme.com"] }))).await;
    rig.settle_all().await;
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&id).await["cancellation"], Value::Null);
    let last = cancel(&rig, &id, None).await;
    rig.advance(32 * DAY).await;
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), order["domain_count"].as_i64()), (Some("cancelled"), Some(1)));
    assert_eq!(order["cancellation"]["domains"], last["domains"]);
    assert_eq!(order["domains"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_in_other_letters_is_cancelled_too_and_null_is_not_everything() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["münchen.de", "acme-two.com"])).await;
    rig.settle_all().await;
    let nothing = rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({ "domains": null }))).await;
    assert_eq!((nothing.status.as_u16(), &nothing.body["error"]["field"]), (400, &json!("domains")));
    let left = cancel(&rig, &id, Some(&json!({ "domains": ["MÜNCHEN.de"] }))).await;
    assert_eq!(left["domains"][0]["domain"], "xn--mnchen-3ya.de");
}

#[tokio::test]
async fn an_own_import_that_still_waits_is_called_so() {
    let rig = Rig::sqlite().await;
    rig.call("POST", "/domains/import/jobs", Some(&json!({ "domains": ["nons-acme.com"] }))).await;
    rig.work_off().await;
    let refused = rig.call("POST", "/orders", Some(&order_body(&["nons-acme.com"]))).await;
    assert_eq!(refused.body["error"]["details"]["domains"][0]["reason"], "import_in_progress");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_that_is_taken_back_while_its_step_obeys_ends_nothing() {
    let during = Arc::new(During::a(StepName::RegisterName, "action-acme.com"));
    let rig = Rig::with_probe(during.clone()).await;
    let id = rig.place(&order_body(&["action-acme.com"])).await;
    rig.work_off().await;
    cancel(&rig, &id, None).await;
    let (router, key, path) = (rig.router.clone(), rig.key.clone(), format!("/partner/v1/orders/{id}/cancel"));
    during.happens(move || {
        let request = Request::delete(&path).header("Authorization", format!("Bearer {key}")).body(Body::empty());
        let (router, request) = (router.clone(), request.unwrap());
        async move { assert_eq!(router.oneshot(request).await.unwrap().status(), 200) }.boxed()
    });
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), sum(&order)), (Some("completed"), 2500));
    assert!(rig.event_types().await.contains(&"order.cancel_undone".to_owned()));
}
