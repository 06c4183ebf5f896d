//! Every branch that the sandbox's names choose.

use model::clock::{MINUTE, SECOND};
use serde_json::Value;

use crate::support::{NOW, Rig, order_body};

async fn ordered(name: &str) -> (Rig, String) {
    let rig = Rig::sqlite().await;
    rig.endpoint("https://example.com/hooks").await;
    let id = rig.place(&order_body(&[name])).await;
    (rig, id)
}

async fn completes_soon(name: &str) {
    let (rig, id) = ordered(name).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    assert_eq!(rig.effects("registered", name).await, 1);
    let took = model::clock::Clock::now(&*rig.clock).0 - NOW.0;
    assert!(took < 20 * SECOND, "{name} took {took} µs");
}

#[tokio::test]
async fn lost_answers_are_looked_up_and_nothing_is_bought_twice() {
    completes_soon("lost-acme.com").await;
}

#[tokio::test]
async fn flaky_providers_are_tried_again() {
    completes_soon("flaky-acme.com").await;
}

#[tokio::test]
async fn a_name_sold_meanwhile_refuses_the_order_and_leaves_nothing() {
    let rig = Rig::sqlite().await;
    let names = ["sold-acme.com", "acme-two.com"];
    let shown = rig.call("POST", "/domains/availability", Some(&serde_json::json!({ "domains": names }))).await;
    assert_eq!(shown.body["data"]["domains"][0]["available"], true);
    let refused = rig.call("POST", "/orders", Some(&order_body(&names))).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["error"]["code"], "domain_unavailable");
    assert_eq!(
        refused.body["error"]["details"]["domains"],
        serde_json::json!([{ "domain": "sold-acme.com", "reason": "taken" }])
    );
    assert!(rig.event_types().await.is_empty());
    assert_eq!(rig.call("GET", "/orders", None).await.body["data"], serde_json::json!([]));
    assert_eq!(rig.next_due().await, None);
    assert!(rig.wired.sim.ledger(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn slow_steps_take_five_seconds_each_of_the_worlds_clock() {
    let (rig, id) = ordered("slow-acme.com").await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    let took = model::clock::Clock::now(&*rig.clock).0 - NOW.0;
    assert!(took >= 40 * SECOND, "{took}");
}

#[tokio::test]
async fn a_domain_that_fails_for_good_is_credited_and_kept_in_the_inventory() {
    proves!("event order.failed");
    let (rig, id) = ordered("fail-acme.com").await;
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "failed");
    assert_eq!(order["domains"][0]["status"], "failed");
    // 1300 for the name, which stays the partner's; 1200 for two licences, which come back.
    assert_eq!(
        (order["costs"]["total_cents"].as_i64(), order["costs"]["charged_cents"].as_i64()),
        (Some(1300), Some(1300))
    );
    assert_eq!(rig.event_types().await, ["order.in_progress", "order.failed"]);
    let zones =
        [rig.effects("zone_created", "fail-acme.com").await, rig.effects("zone_removed", "fail-acme.com").await];
    assert_eq!(zones, [1, 1]);

    let again = rig.call("POST", "/orders", Some(&order_body(&["fail-acme.com"]))).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let mut from_inventory = order_body(&["fail-acme.com"]);
    from_inventory["forwarding_url"] = Value::Null;
    let id = rig.place(&from_inventory).await;
    assert_eq!(rig.order(&id).await["costs"]["total_cents"], 1200, "a name of the inventory is not bought again");
    rig.settle_all().await;
    assert_eq!(rig.effects("registered", "fail-acme.com").await, 1);
}

#[tokio::test]
async fn one_failed_domain_does_not_fail_the_others() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["fail-acme.com", "acme-two.com"])).await;
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "completed");
    assert_eq!(rig.event_types().await, ["order.in_progress", "domain.connected", "order.completed"]);
}

/// Asks at the first look, goes on by itself at the next one ten minutes later.
async fn asks_and_goes_on(name: &str, reason: &str) {
    let (rig, id) = ordered(name).await;
    rig.work_off().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "action_required", "{name}");
    assert_eq!(order["domains"][0]["status"], "action_required");
    assert_eq!(rig.event_types().await, ["order.in_progress", "domain.action_required", "order.action_required"]);
    let mut db = rig.wired.store.read().await.unwrap();
    let domain = model::id::Id::opaque(order["domains"][0]["id"].as_str().unwrap());
    let action = store::actions::open_of_domain(&mut db, &domain).await.unwrap().unwrap();
    assert_eq!(action.reason.as_str(), reason);

    rig.advance(10 * MINUTE - SECOND).await;
    assert_eq!(rig.order(&id).await["status"], "action_required");
    rig.advance(SECOND).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    assert!(store::actions::open_of_domain(&mut db, &domain).await.unwrap().is_none());
    assert_eq!(
        rig.event_types().await,
        [
            "order.in_progress",
            "domain.action_required",
            "order.action_required",
            "order.in_progress",
            "domain.connected",
            "order.completed"
        ]
    );
}

#[tokio::test]
async fn every_kind_of_question_is_asked_and_answered_by_the_world() {
    proves!("event domain.action_required", "event order.action_required");
    for (name, reason) in [
        ("action-acme.com", "registrar_rejected"),
        ("action-registrant-acme.com", "registrant_unverified"),
        ("action-dkim-acme.com", "dkim_needs_enabling"),
        ("action-consent-acme.com", "admin_consent_needed"),
        ("action-capacity-acme.com", "licence_capacity"),
        ("action-login-acme.com", "credentials_rejected"),
        ("action-picture-acme.com", "profile_picture_not_accessible"),
        ("action-picture-type-acme.com", "profile_picture_not_an_image"),
        ("action-target-acme.com", "target_unreachable"),
    ] {
        asks_and_goes_on(name, reason).await;
    }
}
