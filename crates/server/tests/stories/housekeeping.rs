//! What nobody will ask for any more is deleted, and nothing else.

use axum::http::StatusCode;
use model::clock::DAY;
use model::world::{Environment, World};
use serde_json::json;
use server::housekeeping;

use crate::support::{Rig, order_body};

async fn rows_of_a_world_that_was_left(rig: Rig) {
    rig.place(&order_body(&["acme-old.com"])).await;
    rig.settle_all().await;
    rig.call("POST", "/orders/quote", Some(&json!({ "google_licenses": 2, "domains": ["acme-quoted.com"] }))).await;
    assert_eq!(rig.call("POST", "/test/reset", None).await.status, StatusCode::OK);
    let new = rig.place(&order_body(&["acme-old.com"])).await;
    rig.settle_all().await;

    housekeeping::tidy_up(&rig.wired).await.unwrap();
    let old = World::test(&rig.partner.id, rig.partner.test_epoch);
    let next = World::test(&rig.partner.id, rig.partner.test_epoch + 1);
    assert_eq!(rig.partner.scope(Environment::Test).world, old);
    assert!(rig.wired.sim.ledger(Some(&old)).await.unwrap().is_empty());
    assert!(!rig.wired.sim.ledger(Some(&next)).await.unwrap().is_empty());
    assert_eq!(rig.order(&new).await["status"], "completed");
    assert_eq!(rig.call("GET", "/orders", None).await.body["data"].as_array().unwrap().len(), 1);

    // A quote that ran out days ago is gone; a repeat of the order is not: its day is not over yet.
    let again = rig.send("POST", "/orders", Some(order_body(&["acme-old.com"]).to_string()), &[]).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    rig.clock.advance(3 * DAY);
    housekeeping::tidy_up(&rig.wired).await.unwrap();
    let later = rig.send("POST", "/orders", Some(order_body(&["acme-old.com"]).to_string()), &[]).await;
    assert_eq!(later.body["error"]["code"], "domain_unavailable", "{}", later.body);
}

#[tokio::test]
async fn rows_of_a_world_that_was_left_are_deleted_on_sqlite() {
    rows_of_a_world_that_was_left(Rig::sqlite().await).await;
}

#[tokio::test]
async fn rows_of_a_world_that_was_left_are_deleted_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        rows_of_a_world_that_was_left(rig).await;
    }
}
