//! The same request again: nothing is bought or charged twice.

use serde_json::{Value, json};

use crate::support::{Rig, order_body};

#[tokio::test]
async fn another_spelling_of_the_same_body_is_the_same_order() {
    let rig = Rig::sqlite().await;
    let body = order_body(&["acme-one.com", "acme-two.com"]);
    let first = rig.call("POST", "/orders", Some(&body)).await;
    assert!(first.headers.get("idempotent-replayed").is_none());

    let fields: Vec<_> =
        body.as_object().unwrap().iter().rev().map(|(key, value)| format!("{key:?} :\n\t{value:#}")).collect();
    let spelled = format!("{{ {} }}\n", fields.join(" ,\n"));
    let second = rig.send("POST", "/orders", Some(spelled), &[]).await;
    assert_eq!(second.status, 200);
    assert_eq!(second.body, first.body);
    assert_eq!(second.headers["idempotent-replayed"], "true");

    rig.settle_all().await;
    let third = rig.call("POST", "/orders", Some(&body)).await;
    assert_eq!(third.body, first.body, "a replay says what was said, whatever the order is now");
    assert_eq!(rig.effects("registered", "acme-one.com").await, 1);
    let order = rig.order(first.body["data"]["id"].as_str().unwrap()).await;
    assert_eq!(order["costs"]["charged_cents"], 6800);
}

#[tokio::test]
async fn another_body_with_the_same_names_is_refused_with_the_order() {
    let rig = Rig::sqlite().await;
    let mut body = order_body(&["acme-one.com", "acme-two.com"]);
    let id = rig.place(&body).await;
    body["forwarding_url"] = json!("https://elsewhere.com");
    let refused = rig.call("POST", "/orders", Some(&body)).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["error"]["code"], "domain_unavailable");
    let row = &refused.body["error"]["details"]["domains"][0];
    assert_eq!((row["reason"].as_str(), row["order_id"].as_str()), (Some("in_your_order"), Some(id.as_str())));
}

#[tokio::test]
async fn a_repeat_counts_for_24_hours() {
    let rig = Rig::sqlite().await;
    let body = order_body(&["acme-one.com", "acme-two.com"]);
    rig.place(&body).await;
    rig.clock.advance(24 * model::clock::HOUR - 1);
    assert_eq!(rig.call("POST", "/orders", Some(&body)).await.headers["idempotent-replayed"], "true");
    rig.clock.advance(1);
    let late = rig.call("POST", "/orders", Some(&body)).await;
    assert_eq!(late.body["error"]["details"]["domains"][0]["reason"], "in_your_order");
}

async fn sixty_four_at_once(rig: Rig) {
    let mut body = order_body(&["acme-one.com", "acme-two.com"]);
    body["reference"] = json!("one-order");
    let answers = futures_util::future::join_all((0..64).map(|_| rig.call("POST", "/orders", Some(&body)))).await;
    let ids: std::collections::HashSet<_> =
        answers.iter().map(|answer| answer.body["data"]["id"].to_string()).collect();
    let refused: Vec<_> =
        answers.iter().filter(|answer| answer.status != 200).map(|one| one.body.to_string()).collect();
    assert_eq!(refused, [""; 0]);
    assert_eq!(ids.len(), 1);
    let fresh = answers.iter().filter(|answer| answer.headers.get("idempotent-replayed").is_none()).count();
    assert_eq!(fresh, 1);
    rig.settle_all().await;
    assert_eq!(rig.effects("registered", "acme-one.com").await, 1);
    let orders = rig.call("GET", "/orders", None).await;
    assert_eq!(orders.body["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(rig.event_types().await.iter().filter(|kind| *kind == "order.in_progress").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_identical_requests_make_one_order_on_sqlite() {
    sixty_four_at_once(Rig::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_identical_requests_make_one_order_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        sixty_four_at_once(rig).await;
    }
}

async fn a_race_for_one_name(rig: Rig) {
    let bodies: Vec<Value> = (0..16)
        .map(|n| {
            let mut body = order_body(&["raced.com"]);
            body["reference"] = json!(format!("order-{n}"));
            body
        })
        .collect();
    let answers =
        futures_util::future::join_all(bodies.iter().map(|body| rig.call("POST", "/orders", Some(body)))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(accepted, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.status, 409, "{}", answer.body);
        assert_eq!(answer.body["error"]["code"], "domain_unavailable");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_buyers_of_one_name_one_gets_it_on_sqlite() {
    a_race_for_one_name(Rig::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_buyers_of_one_name_one_gets_it_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        a_race_for_one_name(rig).await;
    }
}

#[tokio::test]
async fn an_idempotency_key_is_what_is_matched() {
    let rig = Rig::sqlite().await;
    let body = order_body(&["acme-one.com", "acme-two.com"]).to_string();
    let with_key = [("idempotency-key", "my-order-1")];
    let first = rig.send("POST", "/orders", Some(body.clone()), &with_key).await;
    let again = rig.send("POST", "/orders", Some(body.clone()), &with_key).await;
    assert_eq!(again.body, first.body);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let without_key = rig.send("POST", "/orders", Some(body), &[]).await;
    assert_eq!(without_key.body, first.body, "the same body is the same order, with its key or without");
    let other = order_body(&["acme-three.com", "acme-four.com"]).to_string();
    let conflict = rig.send("POST", "/orders", Some(other), &with_key).await;
    assert_eq!(
        (conflict.status.as_u16(), conflict.body["error"]["code"].as_str()),
        (409, Some("idempotency_conflict"))
    );
}

#[tokio::test]
async fn a_reference_is_used_once_for_ever() {
    let rig = Rig::sqlite().await;
    let mut body = order_body(&["acme-one.com", "acme-two.com"]);
    body["reference"] = json!("42");
    let id = rig.place(&body).await;
    let mut other = order_body(&["acme-three.com", "acme-four.com"]);
    other["reference"] = json!("42");
    let refused = rig.call("POST", "/orders", Some(&other)).await;
    assert_eq!((refused.status.as_u16(), refused.body["error"]["code"].as_str()), (409, Some("already_exists")));
    assert_eq!(refused.body["error"]["details"]["id"], id);
}

/// Two processes are asked the same with one key at the same instant, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_two_processes_get_at_once_counts_once() {
    let Some(rig) = Rig::postgres().await else { return };
    let other = rig.another(None).await;
    rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    let order = rig.call("GET", "/orders", None).await.body["data"][0]["id"].as_str().unwrap().to_owned();
    for (path, body) in [
        ("/bundles", json!({ "name": "Large", "monthly_sending_volume": 25_000 })),
        ("/users", json!({ "email": "kim@acme.com", "sequencer": { "provider": "smartlead" } })),
        ("/webhook_endpoints", json!({ "url": "https://example.com/hooks" })),
        ("/domains/import/jobs", json!({ "domains": ["import.com"] })),
        ("/domains/forwarding", json!({ "domains": ["nobody.com"], "forwarding_url": "https://acme.com" })),
        (&format!("/orders/{order}/cancel"), json!({})),
        ("/test/clock/advance", json!({ "seconds": 60 })),
    ] {
        let key = [("idempotency-key", path)];
        let asking = (0..16).map(|n| if n % 2 == 0 { &rig } else { &other });
        let asking = asking.map(|one| one.send("POST", path, Some(body.to_string()), &key));
        let answers = futures_util::future::join_all(asking).await;
        let fresh = answers.iter().filter(|answer| answer.headers.get("idempotent-replayed").is_none()).count();
        assert_eq!(fresh, 1, "{path}");
        for answer in &answers {
            assert!(answer.status.is_success(), "{path}: {}", answer.body);
            assert_eq!((answer.status, &answer.body), (answers[0].status, &answers[0].body), "{path}");
        }
    }
    let count = async |path: &str| rig.call("GET", path, None).await.body["data"].as_array().map(Vec::len);
    assert_eq!((count("/bundles").await, count("/webhook_endpoints").await), (Some(1), Some(1)));
    let now = rig.call("POST", "/test/clock/advance", Some(&json!({ "seconds": 1 }))).await;
    assert_eq!(now.body["data"]["now"], "2026-05-08T12:01:01Z", "moved once by a minute");
}

/// Calls that hold the key, the partner or a limit, in every way and all at once: nobody waits for ever, nobody fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_writes_with_a_key_waits_for_nobody_in_a_circle() {
    let Some(rig) = Rig::postgres().await else { return };
    let other = rig.another(None).await;
    let calls = (0..12).flat_map(|n| {
        let mut order = order_body(&[&format!("a{n}.com"), &format!("b{n}.com")]);
        order["user"] = json!(format!("user{n}@acme.com"));
        [
            ("/orders", order),
            ("/bundles", json!({ "name": "Large", "monthly_sending_volume": 25_000 })),
            ("/test/clock/advance", json!({ "seconds": 1 })),
            ("/webhook_endpoints", json!({ "url": "https://example.com/hooks" })),
        ]
    });
    let calls: Vec<_> = calls.collect();
    let asking = calls.iter().enumerate().map(|(n, (path, body))| {
        let one = if n % 2 == 0 { &rig } else { &other };
        one.call("POST", path, Some(body))
    });
    for answer in futures_util::future::join_all(asking).await {
        assert!(answer.status.is_success(), "{}", answer.body);
    }
}
