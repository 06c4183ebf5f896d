//! Cancelling: whole, partly, twice, in the middle, and taking it back; on both databases where rows race.

use std::sync::Arc;

use app::orders::CancelOrder;
use app::{Actor, By};
use model::clock::DAY;
use model::id::{Id as _, OrderId};
use model::world::{Environment, Scope};
use serde_json::{Value, json};

use crate::support::{Rig, order_body};

async fn cancel(rig: &Rig, id: &str, body: Option<&Value>) -> Value {
    let answer = rig.call("POST", &format!("/orders/{id}/cancel"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

fn sum(order: &Value) -> i64 {
    let lines = order["costs"]["line_items"].as_array().unwrap();
    lines.iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum()
}

async fn whole(rig: Rig) {
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    let first = cancel(&rig, &id, None).await;
    assert_eq!(first["status"], "cancel_scheduled");
    assert_eq!(first["cancels_at"], "2026-06-08T12:00:00Z");
    let domains = rig.order(&id).await["domains"].clone();
    let leaving: Vec<_> =
        domains.as_array().unwrap().iter().map(|one| json!({ "id": one["id"], "domain": one["domain"] })).collect();
    let scheduled_at = first["cancellation_scheduled_at"].clone();
    assert!(scheduled_at.as_str().unwrap().starts_with("2026-05-08T12:"));
    let whole = json!({ "id": id, "status": "cancel_scheduled", "cancellation_scheduled_at": scheduled_at, "cancels_at": "2026-06-08T12:00:00Z", "domains": leaving });
    assert_eq!(first, whole);
    assert_eq!(cancel(&rig, &id, Some(&json!({}))).await, first, "twice is the same answer");
    let shown =
        json!({ "cancellation_scheduled_at": scheduled_at, "cancels_at": first["cancels_at"], "domains": leaving });
    assert_eq!(rig.order(&id).await["cancellation"], shown);

    rig.advance(20 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancel_scheduled");
    assert_eq!(rig.effects("mailbox_deleted", "alex.rivera@acme-one.com").await, 0);
    rig.advance(12 * DAY).await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "cancelled");
    assert_eq!(rig.effects("mailbox_deleted", "alex.rivera@acme-one.com").await, 1);
    assert_eq!(rig.effects("account_unlinked", "alex.rivera@acme-one.com").await, 1);
    assert_eq!(sum(&order), 6800, "no second month was booked");
    let kinds = rig.event_types().await;
    assert_eq!(&kinds[kinds.len() - 2..], ["order.cancel_scheduled", "order.cancelled"]);
    assert_eq!(rig.call("DELETE", &format!("/orders/{id}/cancel"), None).await.status, 409);
    assert_eq!(rig.call("POST", &format!("/orders/{id}/cancel"), None).await.body["error"]["code"], "conflict");

    // The bought names are the partner's: an order on them costs no registration.
    let again = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    let again = rig.order(&again).await;
    assert_eq!((again["status"].as_str(), sum(&again)), (Some("completed"), 4200));
    assert_eq!(rig.effects("registered", "acme-one.com").await, 1);
}

#[tokio::test]
async fn a_whole_order_ends_with_its_paid_period_on_sqlite() {
    proves!(
        "POST /orders/{id}/cancel",
        "Cancelled",
        "Cancellation",
        "LeavingDomain",
        "event order.cancel_scheduled",
        "event order.cancelled",
    );
    whole(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_whole_order_ends_with_its_paid_period_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        whole(rig).await;
    }
}

#[tokio::test]
async fn some_domains_leave_and_the_next_month_costs_less() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    let body = json!({ "domains": ["ACME-One.com."] });
    let partial = cancel(&rig, &id, Some(&body)).await;
    assert_eq!(partial["domains"][0]["domain"], "acme-one.com");
    assert_eq!(cancel(&rig, &id, Some(&body)).await, partial);
    assert_eq!(rig.order(&id).await["status"], "completed");
    rig.advance(32 * DAY).await;
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), order["domain_count"].as_i64()), (Some("completed"), Some(1)));
    assert_eq!(order["domains"].as_array().unwrap().len(), 1);
    assert_eq!(sum(&order), 6800 + 1200, "the Microsoft domain left, the Google licences go on");
    let gone = cancel_fails(&rig, &id, &body).await;
    assert_eq!((gone["code"].as_str(), gone["field"].as_str()), (Some("conflict"), Some("domains[0]")));
    let unknown = cancel_fails(&rig, &id, &json!({ "domains": ["nobody.com"] })).await;
    assert_eq!((unknown["code"].as_str(), unknown["field"].as_str()), (Some("not_found"), Some("domains[0]")));
    for bad in [json!({ "domains": [] }), json!({ "domain": ["acme-two.com"] }), json!({ "domains": "acme-two.com" })] {
        assert_eq!(cancel_fails(&rig, &id, &bad).await["code"], "invalid_request", "{bad}");
    }
}

async fn cancel_fails(rig: &Rig, id: &str, body: &Value) -> Value {
    let answer = rig.call("POST", &format!("/orders/{id}/cancel"), Some(body)).await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    answer.body["error"].clone()
}

#[tokio::test]
async fn in_the_middle_nothing_more_is_bought_and_the_rest_is_credited() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-acme.com", "slow-acme.com", "acme-three.com"])).await;
    rig.work_off().await;
    assert_eq!(rig.effects("registered", "acme-three.com").await, 1);
    cancel(&rig, &id, None).await;
    rig.settle_all().await;
    assert_eq!(rig.effects("registered", "action-acme.com").await, 0);
    assert_eq!(rig.effects("registered", "slow-acme.com").await, 0);
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "cancel_scheduled");
    let kept: Vec<_> = order["domains"].as_array().unwrap().iter().map(|one| one["domain"].clone()).collect();
    assert_eq!(kept, ["acme-three.com"]);
    let kept_cost = 1300 + if order["domains"][0]["provider"] == "google" { 1200 } else { 3000 };
    assert_eq!(sum(&order), kept_cost);
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
}

#[tokio::test]
async fn a_purchase_whose_answer_was_lost_is_not_credited() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["lost-acme.com"])).await;
    // One claim: the name is bought, and the answer is lost on its way.
    rig.wired.engine.work_due(model::task::Lane::Step).await.unwrap();
    assert_eq!(rig.effects("registered", "lost-acme.com").await, 1);
    cancel(&rig, &id, None).await;
    rig.settle_all().await;
    assert_eq!(sum(&rig.order(&id).await), 2500);
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
    let again = rig.place(&order_body(&["lost-acme.com"])).await;
    rig.settle_all().await;
    assert_eq!(sum(&rig.order(&again).await), 1200, "the name is the partner's");
}

#[tokio::test]
async fn a_cancellation_can_be_taken_back() {
    proves!("DELETE /orders/{id}/cancel", "event order.cancel_undone");
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    cancel(&rig, &id, None).await;
    let undone = rig.call("DELETE", &format!("/orders/{id}/cancel"), None).await;
    assert_eq!(undone.status, 200, "{}", undone.body);
    assert_eq!(undone.body["data"]["status"], "completed");
    assert_eq!(undone.body["data"]["cancellation"], Value::Null);
    assert_eq!(rig.event_types().await.last().map(String::as_str), Some("order.cancel_undone"));
    let nothing = rig.call("DELETE", &format!("/orders/{id}/cancel"), None).await;
    assert_eq!(nothing.body["error"]["details"]["reason"], "not_scheduled");
    rig.advance(32 * DAY).await;
    let order = rig.order(&id).await;
    assert_eq!((order["status"].as_str(), sum(&order)), (Some("completed"), 6800 + 4200));
}

#[tokio::test]
async fn what_had_stopped_goes_on_when_the_cancellation_is_taken_back() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["slow-acme.com", "acme-two.com"])).await;
    rig.work_off().await;
    rig.advance(6 * model::clock::SECOND).await;
    assert_eq!(rig.effects("registered", "slow-acme.com").await, 1);
    cancel(&rig, &id, None).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["domains"][0]["status"], "releasing");
    assert_eq!(rig.call("DELETE", &format!("/orders/{id}/cancel"), None).await.status, 200);
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    assert_eq!(rig.effects("registered", "slow-acme.com").await, 1);
    let kinds = rig.event_types().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "order.completed").count(), 1);
}

#[tokio::test]
async fn months_keep_their_anchor_day_and_are_booked_once_each() {
    let rig = Rig::sqlite().await;
    rig.clock.set(model::clock::Time::parse("2027-01-31T10:00:00Z").unwrap());
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["renews_at"], "2027-02-28T10:00:00Z");
    rig.advance(29 * DAY).await;
    assert_eq!(rig.order(&id).await["renews_at"], "2027-03-31T10:00:00Z");
    // Several months at once: each is booked with its own day.
    rig.advance(153 * DAY).await;
    let order = rig.order(&id).await;
    let mut periods: Vec<_> = order["costs"]["line_items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["type"] == "google_license")
        .map(|line| line["period"].as_str().unwrap().to_owned())
        .collect();
    periods.sort();
    assert_eq!(
        periods,
        ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31"]
    );
    let renewed = rig.event_types().await.iter().filter(|kind| *kind == "order.renewed").count();
    assert_eq!(renewed, 6);
}

#[tokio::test]
async fn a_name_of_the_inventory_is_no_longer_the_partners_when_it_runs_out() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    cancel(&rig, &id, None).await;
    rig.advance(32 * DAY).await;
    let inventory = async || rig.call("GET", "/domains?category=inventory", None).await.body["data"].clone();
    assert_eq!(inventory().await[0]["domain"], "acme-one.com");
    rig.advance(332 * DAY).await;
    assert_eq!(inventory().await[0]["domain"], "acme-one.com");
    rig.advance(3 * DAY).await;
    assert_eq!(inventory().await, json!([]));
    assert_eq!(rig.effects("renewed", "acme-one.com").await, 0);
}

/// What a page for the operator would do: the same use case, without a key.
#[tokio::test]
async fn the_operator_cancels_an_order_as_its_partner_does() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let core = &rig.wired.app.core;
    let operator = Arc::new(Actor {
        by: By::Operator,
        scope: rig.scope(),
        environment: Environment::Test,
        limited: true,
        presets: &[],
        origin: model::audit::Origin::default(),
        clock: core.clock.clone(),
        ids: core.ids.clone(),
    });
    let case = Arc::new(CancelOrder { id: OrderId::opaque(&id), domains: None });
    let done = app::perform(core, &operator, &case).await.expect("it is cancelled");
    assert_eq!(json!(done.value), cancel(&rig, &id, None).await, "the partner is answered the same");
    let elsewhere = Arc::new(Actor { scope: Scope { partner: core.ids.next(), ..rig.scope() }, ..(*operator).clone() });
    let refused = app::perform(core, &elsewhere, &case).await;
    assert!(refused.is_err(), "and only in its own scope");
}
