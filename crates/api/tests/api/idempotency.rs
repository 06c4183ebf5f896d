//! The same order again.

use axum::body::Body;
use model::clock::HOUR;
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};

use crate::support::{Api, Reply, order, request, with};

const PATH: &str = "/partner/v1/orders";

async fn keyed(api: &Api, idempotency_key: &str, body: &Value) -> Reply {
    let builder = request("POST", PATH, &api.key).header("Content-Type", "application/json");
    api.send(builder.header("Idempotency-Key", idempotency_key).body(Body::from(body.to_string())).expect("a request"))
        .await
}

async fn count(api: &Api) -> usize {
    let listed = api.get("/partner/v1/orders?per_page=100").await.is(200);
    listed.data().as_array().expect("rows").len()
}

#[tokio::test]
async fn the_same_body_in_other_words_gives_the_first_answer_and_changes_nothing() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let first = api.post(PATH, &order(&bundle)).await.is(200);
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!((api.nudges(), api.names.confirmations()), (1, 1));

    let text = order(&bundle).to_string();
    let fields: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    let reordered = fields.iter().rev().map(|(name, value)| format!("  \"{name}\" : {value}"));
    let reordered = format!("{{\n{}\n}}", reordered.collect::<Vec<_>>().join(",\n"));
    assert_ne!(reordered, text);
    let builder = request("POST", PATH, &api.key).header("Content-Type", "application/json");
    let again = api.send(builder.body(Body::from(reordered)).unwrap()).await.is(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("content-type"), Some("application/json"));
    assert_eq!(again.json, first.json);
    assert_eq!((api.nudges(), api.names.confirmations(), count(&api).await), (1, 1, 1));
}

#[tokio::test]
async fn another_key_of_the_partner_repeats_but_another_world_does_not() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let first = api.post(PATH, &order(&bundle)).await.is(200);
    let rotated = api.add_key(Environment::Test, Preset::Full).await;
    let again = api.json_as(&rotated, "POST", PATH, &order(&bundle)).await.is(200);
    assert_eq!(again.json, first.json);
    let live = api.add_key(Environment::Live, Preset::Full).await;
    api.json_as(&live, "POST", PATH, &order(&bundle)).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_changed_body_meets_its_own_order() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let first = api.post(PATH, &order(&bundle)).await.is(200);
    let changed = with(&order(&bundle), &[("forwarding_url", json!("https://other.com"))]);
    let error = api.post(PATH, &changed).await.refuses(409, "domain_unavailable");
    let id = &first.data()["id"];
    assert_eq!(
        error["details"]["domains"],
        json!([
            { "domain": "acme-mail.com", "reason": "in_your_order", "order_id": id },
            { "domain": "team-acme.com", "reason": "in_your_order", "order_id": id }
        ])
    );
}

#[tokio::test]
async fn after_a_day_the_body_is_a_new_one() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.post(PATH, &order(&bundle)).await.is(200);
    api.clock.advance(24 * HOUR - 1);
    assert_eq!(api.post(PATH, &order(&bundle)).await.is(200).header("idempotent-replayed"), Some("true"));
    api.clock.advance(1);
    api.post(PATH, &order(&bundle)).await.refuses(409, "domain_unavailable");
}

#[tokio::test]
async fn a_refused_order_is_not_remembered() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = with(&order(&bundle), &[("user", json!("usr_nobody"))]);
    for _ in 0..2 {
        let reply = keyed(&api, "one", &body).await;
        assert_eq!(reply.header("idempotent-replayed"), None);
        reply.refuses(404, "not_found");
    }
    keyed(&api, "one", &order(&bundle)).await.is(200);
}

#[tokio::test]
async fn a_key_is_recognised_in_place_of_the_body() {
    proves!("error idempotency_conflict");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let first = keyed(&api, "order-1042", &order(&bundle)).await.is(200);
    let again = keyed(&api, "order-1042", &order(&bundle)).await.is(200);
    assert_eq!((again.header("idempotent-replayed"), &again.json), (Some("true"), &first.json));

    let other = with(&order(&bundle), &[("domains", json!(["b.com", "c.com"]))]);
    let error = keyed(&api, "order-1042", &other).await.refuses(409, "idempotency_conflict");
    assert_eq!(error["field"], "Idempotency-Key");
    // The same body under another key is another request; under none it is the same order.
    keyed(&api, "order-1043", &order(&bundle)).await.refuses(409, "domain_unavailable");
    let bare = api.post(PATH, &order(&bundle)).await.is(200);
    assert_eq!((bare.header("idempotent-replayed"), &bare.json), (Some("true"), &first.json));
    keyed(&api, "order-1044", &other).await.is(200);
    assert_eq!(count(&api).await, 2);
}

#[tokio::test]
async fn a_bad_key_is_refused() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    for key in [String::new(), "x".repeat(256)] {
        keyed(&api, &key, &order(&bundle)).await.refuses_field("Idempotency-Key");
    }
    let first = keyed(&api, "two words, é", &order(&bundle)).await.is(200);
    assert_eq!(keyed(&api, "two words, é", &order(&bundle)).await.is(200).json, first.json);
    let other = with(&order(&bundle), &[("domains", json!(["b.com", "c.com"]))]);
    keyed(&api, &"x".repeat(255), &other).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_identical_requests_at_once_make_one_order() {
    let api = Api::start().await;
    // With a reference the twins also meet each other before the registrar is asked.
    let body = with(&order(&api.small_bundle().await), &[("reference", json!("A-1042"))]);
    let replies = futures_util::future::join_all((0..64).map(|_| api.post(PATH, &body))).await;
    let new = replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none()).count();
    assert_eq!(new, 1);
    for reply in &replies {
        assert_eq!((reply.status, &reply.json), (200, &replies[0].json));
    }
    assert_eq!((count(&api).await, api.nudges()), (1, 1));
    assert_eq!(api.get("/partner/v1/events").await.json["meta"]["returned"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_different_orders_that_race_for_a_name_one_wins_and_the_others_learn_which() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let bodies: Vec<_> = (0..32)
        .map(|n| with(&order(&bundle), &[("domains", json!(["acme-mail.com", format!("other{n}.com")]))]))
        .collect();
    let replies = futures_util::future::join_all(bodies.iter().map(|body| api.post(PATH, body))).await;
    let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(won.len(), 1);
    let id = won[0].data()["id"].clone();
    for lost in replies.into_iter().filter(|reply| reply.status != 200) {
        let error = lost.refuses(409, "domain_unavailable");
        let row = json!({ "domain": "acme-mail.com", "reason": "in_your_order", "order_id": id });
        assert_eq!(error["details"]["domains"], json!([row]));
    }
    assert_eq!(count(&api).await, 1);
}
