//! Webhook endpoints and deliveries, as far as they go without anybody who delivers.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use model::change::Change;
use model::clock::{Clock as _, DAY, SECOND, Time};
use model::event::{Event, EventKind};
use model::id::EventId;
use model::partner::Preset;
use model::world::Environment;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::{Api, NOON, Reply, settings, without};

const PATH: &str = "/partner/v1/webhook_endpoints";
const DELIVERIES: &str = "/partner/v1/webhook_deliveries";
const HOOKS: &str = "https://app.acme.com/hooks";

async fn made(api: &Api, body: &Value) -> Value {
    api.post(PATH, body).await.is(201).data().clone()
}

fn path_of(endpoint: &Value) -> String {
    format!("{PATH}/{}", endpoint["id"].as_str().unwrap())
}

fn secret_of(endpoint: &Value) -> String {
    let secret = endpoint["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    secret
}

impl Api {
    async fn do_to(&self, endpoint: &Value, what: &str, body: &Value) -> Reply {
        self.post(&format!("{}/{what}", path_of(endpoint)), body).await
    }

    async fn patch(&self, endpoint: &Value, body: &Value) -> Reply {
        self.json("PATCH", &path_of(endpoint), body).await
    }

    /// Tells events of a kind, a second apart, without anything having happened.
    async fn tell(&self, kind: EventKind, count: i64) -> Vec<EventId> {
        let scope = self.scope();
        let event = |n: i64| Event {
            id: model::id::Id::opaque(format!("evt_{:?}_{n:05}", kind)),
            partner: scope.partner.clone(),
            world: scope.world.clone(),
            kind,
            order: None,
            domain: None,
            created_at: self.clock.now().plus(n * SECOND),
            data: "{}".into(),
        };
        let mut change = Change::default();
        change.events.extend((0..count).map(event));
        let ids = change.events.iter().map(|event| event.id.clone()).collect();
        self.write(change).await;
        ids
    }
}

#[tokio::test]
async fn an_endpoint_is_made_read_changed_and_deleted() {
    proves!(
        "POST /webhook_endpoints",
        "GET /webhook_endpoints",
        "GET /webhook_endpoints/{id}",
        "PATCH /webhook_endpoints/{id}",
        "DELETE /webhook_endpoints/{id}",
        "WebhookEndpoint",
    );
    let api = Api::start().await;
    let endpoint = made(&api, &json!({ "url": HOOKS, "events": ["order.failed", "order.failed"] })).await;
    secret_of(&endpoint);
    let shown = without(&endpoint, "secret");
    let expected = json!({
        "id": endpoint["id"], "url": HOOKS, "events": ["order.failed"], "status": "active",
        "disabled_reason": null, "failing_since": null, "old_secret_until": null, "created_at": NOON,
    });
    assert_eq!(shown, expected);
    assert_eq!(api.get(&path_of(&endpoint)).await.is(200).data(), &shown);
    let listed = api.get(PATH).await.is(200);
    assert_eq!(listed.data(), &json!([shown]));

    let changed = api.patch(&endpoint, &json!({ "events": null, "url": "https://b.acme.com" })).await.is(200);
    assert_eq!((&changed.data()["events"], &changed.data()["url"]), (&Value::Null, &json!("https://b.acme.com")));
    let disabled = api.patch(&endpoint, &json!({ "status": "disabled" })).await.is(200);
    assert_eq!(disabled.data()["disabled_reason"], "by_you");
    assert_eq!(disabled.data()["events"], Value::Null);
    let enabled = api.patch(&endpoint, &json!({ "status": "active" })).await.is(200);
    assert_eq!((&enabled.data()["status"], &enabled.data()["disabled_reason"]), (&json!("active"), &Value::Null));
    assert_eq!(api.patch(&endpoint, &json!({})).await.is(200).data(), enabled.data());

    let gone = api.json("DELETE", &path_of(&endpoint), &json!({})).await.is(200);
    assert_eq!(gone.data(), &json!({ "id": endpoint["id"], "status": "deleted" }));
    api.get(&path_of(&endpoint)).await.refuses(404, "not_found");
    api.json("DELETE", &path_of(&endpoint), &json!({})).await.refuses(404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_an_endpoint_is_refused_at_its_field() {
    let api = Api::start().await;
    for (body, field, words) in [
        (json!({}), "url", "required"),
        (json!({ "url": 7 }), "url", "text"),
        (json!({ "url": "acme.com" }), "url", "https://acme.com"),
        (json!({ "url": "https://user:pass@acme.com" }), "url", "password"),
        (json!({ "url": "https://127.0.0.1/x" }), "url", "public"),
        (json!({ "url": HOOKS, "events": [] }), "events", "1 to 100"),
        (json!({ "url": HOOKS, "events": "order.failed" }), "events", "a list"),
        (json!({ "url": HOOKS, "events": ["order.failed", "order.faild"] }), "events[1]", "`order.failed`"),
        (json!({ "url": HOOKS, "events": ["something"] }), "events[0]", "Send one of: order.in_progress"),
        (json!({ "url": HOOKS, "event": [] }), "event", "`events`"),
    ] {
        let error = api.post(PATH, &body).await.refuses_field(field);
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
    let endpoint = made(&api, &json!({ "url": HOOKS, "events": null })).await;
    for (body, field) in [
        (json!({ "url": null }), "url"),
        (json!({ "status": null }), "status"),
        (json!({ "status": "paused" }), "status"),
        (json!({ "events": ["order.complete"] }), "events[0]"),
        (json!({ "secret": "whsec_mine" }), "secret"),
    ] {
        api.patch(&endpoint, &body).await.refuses_field(field);
    }
    for (body, field) in [(json!({ "overlap_seconds": -1 }), "overlap_seconds"), (json!({ "overlap": 1 }), "overlap")] {
        api.do_to(&endpoint, "rotate_secret", &body).await.refuses_field(field);
    }
    api.do_to(&endpoint, "rotate_secret", &json!({ "overlap_seconds": 604_801 }))
        .await
        .refuses_field("overlap_seconds");
}

#[tokio::test]
async fn live_endpoints_take_https_and_development_lets_test_keys_name_this_machine() {
    let api = Api::with(api::Settings { development: true, ..settings() }).await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let (plain, here) = (json!({ "url": "http://acme.com/hooks" }), json!({ "url": "http://127.0.0.1:9/hooks" }));
    made(&api, &plain).await;
    made(&api, &here).await;
    for body in [&plain, &here] {
        api.json_as(&live, "POST", PATH, body).await.refuses_field("url");
    }
    api.json_as(&live, "POST", PATH, &json!({ "url": HOOKS })).await.is(201);
}

#[tokio::test]
async fn sixteen_are_the_most_and_environments_and_partners_are_apart() {
    let api = Api::start().await;
    let mut last = Value::Null;
    for _ in 0..16 {
        last = made(&api, &json!({ "url": HOOKS })).await;
    }
    let error = api.post(PATH, &json!({ "url": HOOKS })).await.refuses(409, "conflict");
    assert_eq!(error["details"], json!({ "reason": "too_many_endpoints", "limit": 16 }));
    let live = api.add_key(Environment::Live, Preset::Full).await;
    api.json_as(&live, "POST", PATH, &json!({ "url": HOOKS })).await.is(201);
    let other = api.add_partner("Beta").await;
    let other = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    for key in [&live, &other] {
        for (method, what) in
            [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/rotate_secret")]
        {
            let path = format!("{}{what}", path_of(&last));
            api.json_as(key, method, &path, &json!({})).await.refuses(404, "not_found");
        }
        let replay = json!({ "since": NOON });
        api.json_as(key, "POST", &format!("{}/replay", path_of(&last)), &replay).await.refuses(404, "not_found");
    }
    let page = api.get(&format!("{PATH}?per_page=10")).await.is(200);
    assert_eq!((&page.data()[0]["id"], page.data().as_array().unwrap().len()), (&last["id"], 10));
    let next =
        page.json["links"]["next"].as_str().unwrap().trim_start_matches("https://api.mailwright.test").to_owned();
    let rest = api.get(&next).await.is(200);
    assert_eq!((rest.data().as_array().unwrap().len(), &rest.json["links"]["next"]), (6, &Value::Null));
}

/// The secrets that a delivery would be signed with.
async fn signed_with(api: &Api, endpoint: &Value, now: Time) -> Vec<String> {
    let id = model::id::Id::opaque(endpoint["id"].as_str().unwrap());
    let read = store::endpoints::get(&mut api.store.read().await.unwrap(), &api.scope(), &id).await.unwrap().unwrap();
    let secrets = store::endpoints::open_secrets(api.store.vault(), &read, now).unwrap();
    secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

#[tokio::test]
async fn a_rotated_secret_is_shown_once_and_the_old_one_overlaps() {
    proves!("POST /webhook_endpoints/{id}/rotate_secret");
    let api = Api::start().await;
    let endpoint = made(&api, &json!({ "url": HOOKS })).await;
    let rotated = api.do_to(&endpoint, "rotate_secret", &json!({})).await.is(200).data().clone();
    let (old, new) = (secret_of(&endpoint), secret_of(&rotated));
    assert_ne!(old, new);
    assert_eq!(rotated["old_secret_until"], "2026-05-09T12:00:00Z");
    let now = api.clock.now();
    assert_eq!(signed_with(&api, &endpoint, now).await, [new.clone(), old]);
    assert_eq!(signed_with(&api, &endpoint, now.plus(DAY)).await, [new]);
    let shown = api.get(&path_of(&endpoint)).await.is(200).data().clone();
    assert_eq!((shown.get("secret"), &shown["old_secret_until"]), (None, &json!("2026-05-09T12:00:00Z")));
    api.clock.advance(DAY);
    assert_eq!(api.get(&path_of(&endpoint)).await.is(200).data()["old_secret_until"], Value::Null);

    let at_once = api.do_to(&endpoint, "rotate_secret", &json!({ "overlap_seconds": 0 })).await.is(200);
    assert_eq!(at_once.data()["old_secret_until"], Value::Null);
    assert_eq!(signed_with(&api, &endpoint, api.clock.now()).await, [secret_of(at_once.data())]);
}

#[tokio::test]
async fn a_test_is_told_to_its_endpoint_alone() {
    proves!("POST /webhook_endpoints/{id}/test", "GET /webhook_deliveries/{id}", "WebhookDelivery");
    let api = Api::start().await;
    let picky = made(&api, &json!({ "url": HOOKS, "events": ["order.failed"] })).await;
    made(&api, &json!({ "url": "https://other.acme.com" })).await;
    let nudges = api.nudges();
    let delivery = api.do_to(&picky, "test", &json!({})).await.is(202).data().clone();
    assert_eq!(api.nudges(), nudges + 1);
    assert_eq!((&delivery["endpoint_id"], &delivery["status"]), (&picky["id"], &json!("pending")));
    assert_eq!((&delivery["attempts"], &delivery["next_attempt_at"]), (&json!([]), &json!(NOON)));
    assert_eq!(api.get(DELIVERIES).await.is(200).data(), &json!([delivery]));
    let read = api.get(&format!("{DELIVERIES}/{}", delivery["id"].as_str().unwrap())).await.is(200);
    assert_eq!(read.data(), &delivery);

    let events = api.get("/partner/v1/events?type=webhook.test").await.is(200);
    let event = &events.data()[0];
    assert_eq!((&event["id"], &event["data"]), (&delivery["event_id"], &without(&picky, "secret")));

    api.patch(&picky, &json!({ "status": "disabled" })).await.is(200);
    let error = api.do_to(&picky, "test", &json!({})).await.refuses(409, "conflict");
    assert_eq!(error["details"], json!({ "reason": "endpoint_disabled", "disabled_reason": "by_you" }));
}

#[tokio::test]
async fn deliveries_are_narrowed_and_pages_walk_them() {
    proves!("GET /webhook_deliveries");
    let api = Api::start().await;
    let (one, two) = (made(&api, &json!({ "url": HOOKS })).await, made(&api, &json!({ "url": HOOKS })).await);
    let told = api.tell(EventKind::OrderFailed, 3).await;
    let count =
        async |query: &str| api.get(&format!("{DELIVERIES}{query}")).await.is(200).data().as_array().unwrap().len();
    assert_eq!(count("").await, 6);
    assert_eq!(count(&format!("?endpoint_id={}", one["id"].as_str().unwrap())).await, 3);
    assert_eq!(count(&format!("?event_id={}", told[0])).await, 2);
    assert_eq!(count(&format!("?event_id={}&endpoint_id={}", told[0], two["id"].as_str().unwrap())).await, 1);
    assert_eq!(count("?status=pending").await, 6);
    assert_eq!(count("?status=failed").await, 0);
    assert_eq!(count("?per_page=4").await, 4);
    api.get(&format!("{DELIVERIES}?status=lost")).await.refuses_field("status");
    let live = api.add_key(Environment::Live, Preset::Read).await;
    assert_eq!(api.get_as(&live, DELIVERIES).await.is(200).data(), &json!([]));
    let id = api.get(DELIVERIES).await.data()[0]["id"].as_str().unwrap().to_owned();
    api.get_as(&live, &format!("{DELIVERIES}/{id}")).await.refuses(404, "not_found");
    let error = api.post(&format!("{DELIVERIES}/{id}/redeliver"), &json!({})).await.refuses(409, "conflict");
    assert_eq!(error["details"]["reason"], "pending");
    api.post(&format!("{DELIVERIES}/dlv_1/redeliver"), &json!({})).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_replay_queues_what_was_missed_and_says_where_to_go_on() {
    proves!("POST /webhook_endpoints/{id}/replay");
    let api = Api::start().await;
    api.tell(EventKind::OrderFailed, 1_500).await;
    api.tell(EventKind::InboxLinked, 5).await;
    let endpoint = made(&api, &json!({ "url": HOOKS })).await;
    let first =
        api.do_to(&endpoint, "replay", &json!({ "since": "2026-05-08T12:01:40Z" })).await.is(202).data().clone();
    assert_eq!((&first["endpoint_id"], &first["queued"]), (&endpoint["id"], &json!(1000)));
    assert_eq!(first["next_after"], "evt_OrderFailed_01099");
    let body = json!({ "since": "2026-05-08T12:01:40Z", "after": first["next_after"] });
    let second = api.do_to(&endpoint, "replay", &body).await.is(202).data().clone();
    assert_eq!(second, json!({ "endpoint_id": endpoint["id"], "queued": 400, "next_after": null }));
    let again = api.do_to(&endpoint, "replay", &json!({ "since": NOON })).await.is(202).data().clone();
    assert_eq!((&again["queued"], &again["next_after"]), (&json!(100), &Value::Null), "the rest is on its way");

    for (body, field) in [
        (json!({}), "since"),
        (json!({ "since": "yesterday" }), "since"),
        (json!({ "since": NOON, "after": "evt_other" }), "after"),
    ] {
        api.do_to(&endpoint, "replay", &body).await.refuses_field(field);
    }
    api.patch(&endpoint, &json!({ "status": "disabled" })).await.is(200);
    let error = api.do_to(&endpoint, "replay", &json!({ "since": NOON })).await.refuses(409, "conflict");
    assert_eq!(error["details"]["reason"], "endpoint_disabled");
}
