//! A year of an order's life by the sandbox's clock: renewals, a premium swap, a renaming, a forwarding change,
//! a cancellation, taking it back, and another.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use model::clock::DAY;
use serde_json::{Value, json};

use crate::support::{Rig, order_body};

/// Moves the sandbox's clock as a partner does, and lets the workers catch up.
async fn advance(rig: &Rig, days: i64) {
    let body = json!({ "seconds": days * DAY / model::clock::SECOND });
    let moved = rig.call("POST", "/test/clock/advance", Some(&body)).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
    rig.settle_all().await;
}

async fn post(rig: &Rig, path: &str, body: &Value) -> Value {
    let answer = rig.call("POST", path, Some(body)).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    answer.body["data"].clone()
}

fn domain<'a>(order: &'a Value, name: &str) -> &'a Value {
    let domains = order["domains"].as_array().unwrap();
    domains.iter().find(|one| one["domain"] == name).unwrap_or_else(|| panic!("{name}: {domains:?}"))
}

/// The ledger, to the cent.
fn adds_up(end: &Value) {
    // 12 months after the first, each with two Google licences and one Microsoft; one new name, one renewal.
    let month = 2 * 600 + 3000;
    let expected = 2 * 1300 + 13 * month + 1300 + 1500;
    let lines = end["costs"]["line_items"].as_array().unwrap();
    assert_eq!(lines.iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum::<i64>(), expected, "{lines:#?}");
    assert_eq!(end["costs"]["charged_cents"], expected);
}

/// The events, neither more nor fewer.
async fn told_as_expected(rig: &Rig) {
    let mut told = BTreeMap::new();
    for event in rig.events().await {
        *told.entry(event["type"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    let wanted = [
        ("domain.connected", 3),
        ("domain.forwarding_updated", 1),
        ("domain.renewed", 1),
        ("inbox.linked", 0),
        ("order.cancel_scheduled", 2),
        ("order.cancel_undone", 1),
        ("order.cancelled", 1),
        ("order.completed", 1),
        ("order.in_progress", 1),
        ("order.renewed", 12),
        ("swap.completed", 3),
        ("swap.created", 3),
        ("swap.in_progress", 3),
    ];
    let linked = told.remove("inbox.linked").unwrap_or(0);
    assert!(linked > 0, "every linked inbox is told");
    let wanted: BTreeMap<_, _> =
        wanted.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| (kind.to_owned(), count)).collect();
    assert_eq!(told, wanted);
}

async fn a_year(rig: Rig) {
    let id = rig.place(&order_body(&["acme-micro.com", "acme-goog.com"])).await;
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(domain(&order, "acme-micro.com")["provider"], "microsoft");

    advance(&rig, 62).await;
    let old = domain(&order, "acme-micro.com")["id"].clone();
    let swap = json!({ "type": "premium", "domain_id": old, "replacement_domain": "acme-fresh.com" });
    post(&rig, "/swaps", &swap).await;
    rig.settle_all().await;
    assert_eq!(domain(&rig.order(&id).await, "acme-micro.com")["status"], "retiring");
    advance(&rig, 15).await;
    assert_eq!(rig.order(&id).await["domains"].as_array().unwrap().len(), 2);

    advance(&rig, 40).await;
    let people = json!([{ "first_name": "Nora", "last_name": "Berg", "profile_picture_url": null }]);
    let renamed = json!({ "domain_id": domain(&order, "acme-goog.com")["id"], "personas": people });
    post(&rig, "/swaps/user_names", &renamed).await;
    rig.settle_all().await;

    let target = json!({ "domains": ["acme-fresh.com"], "forwarding_url": "https://acme.com/new" });
    post(&rig, "/domains/forwarding", &target).await;
    rig.settle_all().await;
    assert_eq!(domain(&rig.order(&id).await, "acme-fresh.com")["forwarding_url"], "https://acme.com/new");

    advance(&rig, 60).await;
    post(&rig, &format!("/orders/{id}/cancel"), &json!({})).await;
    advance(&rig, 3).await;
    assert_eq!(rig.call("DELETE", &format!("/orders/{id}/cancel"), None).await.status, StatusCode::OK);

    advance(&rig, 365 - 62 - 15 - 40 - 60 - 3 + 10).await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    post(&rig, &format!("/orders/{id}/cancel"), &json!({})).await;
    advance(&rig, 32).await;
    let end = rig.order(&id).await;
    assert_eq!(end["status"], "cancelled");

    adds_up(&end);
    told_as_expected(&rig).await;
    for name in ["acme-micro.com", "acme-goog.com", "acme-fresh.com"] {
        assert_eq!(rig.effects("registered", name).await, 1, "{name}");
    }
    assert_eq!(rig.effects("renewed", "acme-goog.com").await, 1);
}

#[tokio::test]
async fn a_year_of_an_orders_life_on_sqlite() {
    proves!("event order.renewed", "event domain.renewed", "event inbox.linked");
    a_year(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_year_of_an_orders_life_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        a_year(rig).await;
    }
}
