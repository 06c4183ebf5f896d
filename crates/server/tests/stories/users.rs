//! Customers, when several things happen to them at once.

use serde_json::{Value, json};

use crate::support::{Rig, order_body};

fn alex(email: &str) -> Value {
    json!({ "email": email, "sequencer": { "provider": "smartlead", "client_id": 366_903 } })
}

/// Sixteen spellings of one address, and orders for it too: one user comes of it.
async fn a_race_for_one_address(rig: Rig) {
    let spellings: Vec<_> = (0..16).map(|n| alex(if n % 2 == 0 { "Alex@Acme.com" } else { "alex@acme.COM" })).collect();
    let orders: Vec<_> = (0..4)
        .map(|n| {
            let mut body = order_body(&[&format!("acme-{n}.com")]);
            body["reference"] = json!(format!("order-{n}"));
            body
        })
        .collect();
    let users = futures_util::future::join_all(spellings.iter().map(|body| rig.call("POST", "/users", Some(body))));
    let orders = futures_util::future::join_all(orders.iter().map(|body| rig.call("POST", "/orders", Some(body))));
    let (users, orders) = tokio::join!(users, orders);

    let listed = rig.call("GET", "/users", None).await.body["data"].clone();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    let id = &listed[0]["id"];
    assert!(users.iter().filter(|answer| answer.status == 201).count() <= 1);
    for answer in users.iter().filter(|answer| answer.status != 201) {
        assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (409, &json!("already_exists")));
        assert_eq!(&answer.body["error"]["details"]["id"], id);
    }
    for answer in orders {
        assert_eq!((answer.status.as_u16(), &answer.body["data"]["user_id"]), (200, id), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_claim_an_address_one_gets_it_on_sqlite() {
    a_race_for_one_address(Rig::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_claim_an_address_one_gets_it_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        a_race_for_one_address(rig).await;
    }
}

/// An order and a deletion of its user at the same instant: whichever comes first, no live order is left with a
/// deleted user.
async fn deletions_against_orders(rig: Rig) {
    for n in 0..12 {
        let made = rig.call("POST", "/users", Some(&alex("alex@acme.com"))).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let path = format!("/users/{}", made.body["data"]["id"].as_str().unwrap());
        let mut body = order_body(&[&format!("acme-{n}.com")]);
        if n % 2 == 0 {
            body["user"] = made.body["data"]["id"].clone();
        }
        let (placed, deleted) = tokio::join!(rig.call("POST", "/orders", Some(&body)), rig.call("DELETE", &path, None));
        match (placed.status.as_u16(), deleted.status.as_u16()) {
            (200, 409) => assert_eq!(deleted.body["error"]["details"]["order_id"], placed.body["data"]["id"]),
            (404, 200) => assert_eq!(placed.body["error"]["field"], "user"),
            // The address was free again when the order came, and made another user.
            (200, 200) => assert_ne!(placed.body["data"]["user_id"], made.body["data"]["id"], "{}", placed.body),
            other => panic!("{other:?}: {} {}", placed.body, deleted.body),
        }
        rig.call("POST", "/test/reset", None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_live_order_is_left_with_a_deleted_user_on_sqlite() {
    deletions_against_orders(Rig::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_live_order_is_left_with_a_deleted_user_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        deletions_against_orders(rig).await;
    }
}
