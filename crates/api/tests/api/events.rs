//! What happened.

use serde_json::json;

use crate::support::{Api, NOON, order};

#[tokio::test]
async fn an_accepted_order_is_told_as_its_get_shows_it() {
    proves!("GET /events/{id}", "Event", "event order.in_progress");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let id = api.post("/partner/v1/orders", &order(&bundle)).await.is(200).data()["id"].clone();
    let listed = api.get("/partner/v1/events").await.is(200);
    assert_eq!(listed.json["meta"]["returned"], 1);
    let event = &listed.data()[0];
    assert_eq!((&event["type"], &event["created_at"]), (&json!("order.in_progress"), &json!(NOON)));
    let order = api.get(&format!("/partner/v1/orders/{}", id.as_str().unwrap())).await.is(200);
    assert_eq!(event["data"], *order.data());
    let read = api.get(&format!("/partner/v1/events/{}", event["id"].as_str().unwrap())).await.is(200);
    assert_eq!(read.data(), event);
}

#[tokio::test]
async fn events_are_narrowed_by_type() {
    proves!("GET /events");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.post("/partner/v1/orders", &order(&bundle)).await.is(200);
    for (query, returned) in [("?type=order.in_progress", 1), ("?type=order.completed", 0), ("?colour=red", 1)] {
        let listed = api.get(&format!("/partner/v1/events{query}")).await.is(200);
        assert_eq!(listed.json["meta"]["returned"], returned, "{query}");
    }
    for query in ["?type=order.gone", "?type=", "?type=order.completed&type=x"] {
        api.get(&format!("/partner/v1/events{query}")).await.refuses_field("type");
    }
    for id in ["evt_01HZX0EV2A2B3C4D5E6F7G8H", "%ff", "%00", "x%2Fy"] {
        api.get(&format!("/partner/v1/events/{id}")).await.refuses(404, "not_found");
    }
}
