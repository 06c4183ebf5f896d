//! Swapping domains, from the request to the next months, on both databases.

use model::clock::DAY;
use serde_json::{Value, json};

use crate::support::Rig;
use crate::support::order_body;
use crate::support::swapping::*;

async fn standard(rig: Rig) {
    let (order, before) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    rig.advance(3 * DAY).await;
    // The type may be left out.
    let body = json!({ "domain_id": old, "replacement_domain": "ACME-New.com." });
    let asked = rig.call("POST", "/swaps", Some(&body)).await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    let mut asked = asked.body["data"].clone();
    let loses = asked["loses"].take();
    assert_eq!(loses["accounts"].as_array().unwrap().len(), 2, "it is said before it is lost: {loses}");
    assert_eq!(asked["type"], "standard");
    assert_eq!((&asked["status"], &asked["replacement_domain"]), (&json!("created"), &json!("acme-new.com")));
    assert_eq!(last_event(&rig).await, asked);
    assert_eq!(swap(&rig, &asked["id"]).await, asked);
    rig.settle_all().await;

    let done = swap(&rig, &asked["id"]).await;
    assert_eq!((&done["status"], &done["warm_until"]), (&json!("completed"), &Value::Null));
    assert_eq!(last_event(&rig).await, done);
    assert_eq!(told(&rig, before).await, ["swap.created", "swap.in_progress", "domain.connected", "swap.completed"]);
    assert_eq!(domains(&rig, &order).await, live(&["acme-one.com", "acme-new.com"]));
    assert_eq!(rig.order(&order).await["domain_count"], 2);
    for (effect, subject) in [
        ("registered", "acme-new.com"),
        ("mailbox_created", "sam.lee@acme-new.com"),
        ("account_unlinked", "sam.lee@acme-two.com"),
        ("mailbox_deleted", "sam.lee@acme-two.com"),
        ("zone_removed", "acme-two.com"),
    ] {
        assert_eq!(rig.effects(effect, subject).await, 1, "{effect} {subject}");
    }
    // What was placed stays the total; the name is charged on top, licences are not charged again.
    assert_eq!(rig.order(&order).await["costs"]["total_cents"], 6800);
    assert_eq!(charged(&rig, &order).await, 6800 + 1300);

    // Either side finds it; the old row has been released, its name is the partner's.
    let new = domain_id(&rig, &order, "acme-new.com").await;
    for filter in [format!("domain_id={old}"), format!("domain_id={new}"), format!("order_id={order}&status=completed")]
    {
        let listed = rig.call("GET", &format!("/swaps?{filter}"), None).await;
        assert_eq!(listed.body["data"], json!([done]), "{filter}");
    }
    assert_eq!(rig.call("GET", "/swaps?status=failed", None).await.body["data"], json!([]));

    // Each month costs what it did: one Google domain, one Microsoft domain.
    rig.advance(29 * DAY).await;
    assert_eq!(charged(&rig, &order).await, 8100 + 4200);
    rig.advance(31 * DAY).await;
    assert_eq!(charged(&rig, &order).await, 8100 + 2 * 4200);
    let again = rig.place(&order_body(&["acme-two.com"])).await;
    assert_eq!(charged(&rig, &again).await, 1200);
}

#[tokio::test]
async fn a_standard_swap_from_the_request_to_the_next_months_on_sqlite() {
    proves!("event swap.created", "event swap.in_progress", "event swap.completed");
    standard(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_standard_swap_from_the_request_to_the_next_months_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        standard(rig).await;
    }
}

async fn premium(rig: Rig) {
    let (order, before) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-one.com").await;
    let google = domain_id(&rig, &order, "acme-two.com").await;
    assert_eq!(refused(&rig, "premium", &google, "acme-new.com").await["details"]["reason"], "microsoft_only");
    rig.advance(25 * DAY).await;
    let asked = ask(&rig, "premium", &old, "acme-new.com").await;
    rig.settle_all().await;
    let done = swap(&rig, &asked["id"]).await;
    assert_eq!((&done["type"], &done["status"]), (&json!("premium"), &json!("completed")));
    assert_eq!(done["warm_until"], "2026-06-16T12:00:00Z");
    let mut expected = live(&["acme-one.com", "acme-new.com", "acme-two.com"]);
    expected[0].1 = "retiring".into();
    assert_eq!(domains(&rig, &order).await, expected);
    assert_eq!(rig.order(&order).await["domain_count"], 2);

    // The paid period ends while the old domain is warm: its licence is not paid for again.
    rig.advance(7 * DAY).await;
    assert_eq!(charged(&rig, &order).await, 6800 + 1300 + 4200);
    rig.advance(6 * DAY).await;
    assert_eq!(domains(&rig, &order).await, expected);
    assert_eq!(rig.effects("mailbox_deleted", "alex.rivera@acme-one.com").await, 0);
    rig.advance(2 * DAY).await;
    assert_eq!(domains(&rig, &order).await, live(&["acme-new.com", "acme-two.com"]));
    assert_eq!(rig.effects("mailbox_deleted", "alex.rivera@acme-one.com").await, 1);
    assert_eq!(
        told(&rig, before).await,
        ["swap.created", "swap.in_progress", "domain.connected", "swap.completed", "order.renewed"]
    );

    // Neither the new domain, nor one that took its place since, can be swapped that way again for 30 days.
    let new = domain_id(&rig, &order, "acme-new.com").await;
    let error = refused(&rig, "premium", &new, "acme-next.com").await;
    assert_eq!((&error["code"], &error["details"]["reason"]), (&json!("conflict"), &json!("cooldown")));
    assert_eq!(error["details"]["ends_at"], "2026-07-02T12:00:00Z");
    ask(&rig, "standard", &new, "acme-next.com").await;
    rig.settle_all().await;
    let next = domain_id(&rig, &order, "acme-next.com").await;
    assert_eq!(refused(&rig, "premium", &next, "acme-last.com").await["details"]["reason"], "cooldown");
    rig.advance(15 * DAY).await;
    ask(&rig, "premium", &next, "acme-last.com").await;
}

#[tokio::test]
async fn a_premium_swap_keeps_the_old_domain_warm_for_14_days_on_sqlite() {
    premium(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_premium_swap_keeps_the_old_domain_warm_for_14_days_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        premium(rig).await;
    }
}
