//! What an order is called follows from its domains, whoever changes them.

use model::change::Change;
use model::clock::{DAY, HOUR};
use model::id::{Id as _, OrderId};
use model::order::{Order, OrderStatus};
use serde_json::json;

use crate::support::{Rig, order_body, write};

/// An order of which one domain works and asks, because its nameservers are gone, while the other is still being made.
async fn drifted(rig: &Rig) -> (String, String, String) {
    let order = rig.place(&order_body(&["drift-acme.com", "action-taken-acme.com"])).await;
    rig.work_off().await;
    rig.advance(40 * DAY + HOUR).await;
    let open = rig.call("GET", &format!("/orders/pending?order_id={order}"), None).await.body["data"].clone();
    let of = |reason: &str| {
        let one = open.as_array().unwrap().iter().find(|one| one["reason"] == reason).unwrap();
        format!("/orders/pending/{}/resolve", one["id"].as_str().unwrap())
    };
    (order, of("nameservers_not_pointed"), of("name_taken"))
}

#[tokio::test]
async fn an_order_is_completed_when_the_last_question_about_what_works_closes() {
    let rig = Rig::sqlite().await;
    let (order, drift, taken) = drifted(&rig).await;
    rig.call("POST", &taken, Some(&json!({ "replacement_domain": "acme-instead.com" }))).await;
    rig.work_off().await;
    assert_eq!(rig.order(&order).await["status"], "action_required", "the other one still asks");
    rig.call("POST", &drift, None).await;
    rig.work_off().await;
    assert_eq!(rig.order(&order).await["status"], "completed");
    let kinds = rig.event_types().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "order.completed").count(), 1);
    assert_eq!(&kinds[kinds.len() - 2..], ["domain.dns_restored", "order.completed"]);
}

#[tokio::test]
async fn an_order_goes_on_when_a_domain_that_asks_leaves() {
    let rig = Rig::sqlite().await;
    let (order, _, taken) = drifted(&rig).await;
    rig.call("POST", &taken, Some(&json!({ "replacement_domain": "acme-instead.com" }))).await;
    rig.work_off().await;
    let body = json!({ "domains": ["drift-acme.com"] });
    assert_eq!(rig.call("POST", &format!("/orders/{order}/cancel"), Some(&body)).await.status, 200);
    rig.advance(DAY).await;
    assert_eq!(rig.order(&order).await["status"], "action_required");
    rig.clock.advance(30 * DAY);
    // The timer ends the paid period before anybody has looked whether the nameservers are back.
    rig.wired.engine.work_due(model::task::Lane::Timer).await.unwrap();
    let status = rig.order(&order).await["status"].clone();
    assert_eq!(status, "completed", "what asked leaves, the rest works");
    rig.work_off().await;
    assert_eq!(rig.event_types().await.iter().filter(|kind| *kind == "order.completed").count(), 1);
}

#[tokio::test]
async fn an_order_that_an_older_version_left_waiting_is_completed_by_the_next_look() {
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let mut db = rig.wired.store.read().await.unwrap();
    let row = store::orders::load(&mut db, &OrderId::opaque(&order)).await.unwrap().unwrap();
    let mut change = Change::default();
    change.orders.update.push(Order { status: OrderStatus::ActionRequired, completed_at: None, ..row });
    write(&rig.wired, change).await;
    assert_eq!(rig.order(&order).await["status"], "action_required");
    rig.advance(25 * HOUR).await;
    assert_eq!(rig.order(&order).await["status"], "completed");
}
