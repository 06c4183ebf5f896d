//! Every call that creates or spends, sent again with its `Idempotency-Key`.

use std::collections::BTreeSet;

use axum::body::Body;
use model::action::ActionReason;
use model::change::Change;
use model::clock::{DAY, HOUR};
use model::delivery::{Delivery, DeliveryStatus};
use model::domain::{Domain, DomainStatus};
use model::id::{Id as _, ImportId};
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};

use crate::spend::asked;
use crate::support::{Api, NOON, Reply, order, request, settings, with};
use crate::swaps::delivered;

const BASE: &str = "/partner/v1";

async fn keyed(api: &Api, idempotency_key: &str, path: &str, body: &Value) -> Reply {
    let builder = request("POST", path, &api.key).header("Content-Type", "application/json");
    api.send(builder.header("Idempotency-Key", idempotency_key).body(Body::from(body.to_string())).expect("a request"))
        .await
}

/// Everything that a partner can see, and how often the workers were woken.
async fn world(api: &Api) -> (Vec<Value>, usize) {
    let mut seen = vec![];
    for list in ["users", "bundles", "orders", "domains", "swaps", "inboxes", "events", "orders/pending"] {
        seen.push(api.get(&format!("{BASE}/{list}?per_page=100")).await.is(200).json);
    }
    for list in ["webhook_endpoints", "webhook_deliveries", "me"] {
        seen.push(api.get(&format!("{BASE}/{list}")).await.is(200).json);
    }
    (seen, api.nudges())
}

/// Sends a call once and then again, in every way: only the first does anything.
async fn once(api: &Api, path: &str, body: &Value) -> Reply {
    let first = keyed(api, path, &format!("{BASE}{path}"), body).await;
    assert!(first.status < 300, "{path}: {}", first.json);
    assert_eq!(first.header("idempotent-replayed"), None, "{path}");
    let before = world(api).await;
    for base in [BASE, "/api/partner/v1"] {
        let again = keyed(api, path, &format!("{base}{path}"), body).await;
        assert_eq!((again.status, &again.json), (first.status, &first.json), "{path}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{path}");
        assert_eq!(again.header("content-type"), Some("application/json"), "{path}");
        let of_order = first.data()["id"].as_str().is_some_and(|id| id.starts_with("ord_"));
        assert_eq!(again.header("idempotent-order-status").is_some(), of_order, "{path}");
    }
    let other = with(body, &[("metadata", json!({ "another": "body" }))]);
    let conflict = keyed(api, path, &format!("{BASE}{path}"), &other).await.refuses(409, "idempotency_conflict");
    assert_eq!(conflict["field"], "Idempotency-Key", "{path}");
    let elsewhere = if path == "/users" { "/bundles" } else { "/users" };
    keyed(api, path, &format!("{BASE}{elsewhere}"), body).await.refuses(409, "idempotency_conflict");
    assert_eq!(world(api).await, before, "{path}: something has changed");
    first
}

fn id(reply: &Reply) -> &str {
    reply.data()["id"].as_str().expect("an id")
}

/// The one delivery of a test event has failed.
async fn fail(api: &Api, delivery: &str) {
    let mut db = api.store.read().await.expect("the store can be read");
    let row =
        store::deliveries::load_all(&mut db, &[model::id::DeliveryId::opaque(delivery)]).await.map(|mut all| all.pop());
    let row = row.expect("deliveries can be read").expect("it is there");
    let mut change = Change::default();
    change.deliveries.update.push(Delivery { status: DeliveryStatus::Failed, ..row });
    api.write(change).await;
}

async fn set_status(api: &Api, domain: &Domain, status: DomainStatus) {
    let mut db = api.store.read().await.expect("the store can be read");
    let row = store::domains::load(&mut db, &domain.id).await.expect("domains can be read").expect("it is there");
    let mut change = Change::default();
    change.domains.update.push(Domain { status, ..row });
    api.write(change).await;
}

#[tokio::test]
async fn every_call_that_creates_is_done_once_for_a_key() {
    let (api, rows) = delivered().await;
    let mut done = vec!["/users", "/bundles", "/webhook_endpoints"];
    once(&api, "/users", &json!({ "email": "kim@acme.com", "sequencer": { "provider": "smartlead" } })).await;
    once(&api, "/bundles", &json!({ "name": "Large", "monthly_sending_volume": 25_000 })).await;
    let endpoint = once(&api, "/webhook_endpoints", &json!({ "url": "https://app.acme.com/hooks" })).await;
    assert!(endpoint.data()["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")));
    let of_endpoint = |what: &str| format!("/webhook_endpoints/{}/{what}", id(&endpoint));
    once(&api, &of_endpoint("rotate_secret"), &json!({})).await;
    let delivery = once(&api, &of_endpoint("test"), &json!({})).await;
    fail(&api, id(&delivery)).await;
    once(&api, &format!("/webhook_deliveries/{}/redeliver", id(&delivery)), &json!({})).await;
    once(&api, &of_endpoint("replay"), &json!({ "since": NOON })).await;
    done.extend(["/webhook_endpoints/{id}/rotate_secret", "/webhook_endpoints/{id}/test"]);
    done.extend(["/webhook_endpoints/{id}/replay", "/webhook_deliveries/{id}/redeliver"]);

    once(&api, "/domains/import", &json!({ "domains": ["www.import.com"] })).await;
    once(&api, "/domains/import/jobs", &json!({ "domains": ["import.com"] })).await;
    let forward = json!({ "domains": [rows[0].name.as_str()], "forwarding_url": "https://acme.com/offer" });
    once(&api, "/domains/forwarding", &forward).await;
    done.extend(["/domains/import", "/domains/import/jobs", "/domains/forwarding"]);

    let person = json!({ "first_name": "Kim", "last_name": "Ray", "profile_picture_url": null });
    let renaming = json!({ "domain_id": rows[1].id.to_string(), "personas": [person] });
    once(&api, "/swaps/user_names", &renaming).await;
    let swap = json!({ "domain_id": rows[0].id.to_string(), "replacement_domain": "acme-post.com" });
    let swap = once(&api, "/swaps", &swap).await;
    once(&api, &format!("/swaps/{}/cancel", id(&swap)), &json!({})).await;
    done.extend(["/swaps", "/swaps/user_names", "/swaps/{id}/cancel"]);

    let licences = json!({ "bundle_id": null, "google_licenses": 2, "domains": ["other.com"] });
    let new =
        with(&order(""), &licences.as_object().unwrap().iter().map(|(k, v)| (&**k, v.clone())).collect::<Vec<_>>());
    once(&api, "/orders/quote", &new).await;
    let placed = once(&api, "/orders", &new).await;
    set_status(&api, &rows[1], DomainStatus::ActionRequired).await;
    let question = asked(&api, &rows[1], ActionReason::TargetUnreachable).await;
    once(&api, question.trim_start_matches(BASE), &json!({})).await;
    once(&api, &format!("/orders/{}/cancel", id(&placed)), &json!({})).await;
    once(&api, "/test/clock/advance", &json!({ "seconds": 60 })).await;
    done.extend(["/orders/quote", "/orders", "/orders/pending/{id}/resolve", "/orders/{id}/cancel"]);
    done.push("/test/clock/advance");

    let done: BTreeSet<_> = done.into_iter().map(|path| format!("{BASE}{path}")).collect();
    assert_eq!(done, described(), "the calls that the description says take a key");
}

/// The paths of the calls that take a key.
fn described() -> BTreeSet<String> {
    let document = serde_json::to_value(api::openapi()).expect("a document");
    let paths = document["paths"].as_object().expect("paths").iter();
    let takes_key = |operation: &Value| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"))
    };
    let found = paths.filter(|(_, item)| {
        for method in ["get", "patch", "delete"] {
            assert!(!takes_key(&item[method]), "only what creates takes a key");
        }
        let post = &item["post"];
        let whole = post["responses"].as_object().is_some_and(|responses| {
            responses
                .iter()
                .any(|(status, one)| status.starts_with('2') && one["headers"]["Idempotent-Replayed"].is_object())
                && responses["409"]["content"]["application/json"]["examples"]["idempotency_conflict"].is_object()
        });
        assert!(whole || !takes_key(post), "{post}");
        takes_key(post)
    });
    found.map(|(path, _)| path.clone()).collect()
}

#[tokio::test]
async fn without_a_key_nothing_is_recognised() {
    let api = Api::start().await;
    let (path, body) = (format!("{BASE}/bundles"), json!({ "name": "Large", "monthly_sending_volume": 25_000 }));
    let (one, two) = (api.post(&path, &body).await.is(201), api.post(&path, &body).await.is(201));
    assert_ne!(one.data()["id"], two.data()["id"]);
    assert_eq!(two.header("idempotent-replayed"), None);
    // A key belongs to one environment of one partner.
    let first = keyed(&api, "k", &path, &body).await.is(201);
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let mut other = api;
    other.key = live;
    let second = keyed(&other, "k", &path, &body).await.is(201);
    assert_ne!(first.data()["id"], second.data()["id"]);
    other.partner = other.add_partner("Other Resellers").await;
    other.key = other.add_key(Environment::Test, Preset::Full).await;
    assert_eq!(keyed(&other, "k", &path, &body).await.is(201).header("idempotent-replayed"), None);
    for key in [String::new(), "x".repeat(256)] {
        keyed(&other, &key, &path, &body).await.refuses_field("Idempotency-Key");
    }
}

#[tokio::test]
async fn a_key_counts_for_a_day_of_its_sandbox_and_until_a_reset() {
    let api = Api::start().await;
    let (path, body) =
        (format!("{BASE}/users"), json!({ "email": "a@b.com", "sequencer": { "provider": "smartlead" } }));
    keyed(&api, "k", &path, &body).await.is(201);
    api.clock.advance(23 * HOUR);
    assert_eq!(keyed(&api, "k", &path, &body).await.is(201).header("idempotent-replayed"), Some("true"));
    api.post(&format!("{BASE}/test/clock/advance"), &json!({ "seconds": 3_600 })).await.is(200);
    keyed(&api, "k", &path, &body).await.refuses(409, "already_exists");
    // What is refused is not remembered.
    let other = with(&body, &[("email", json!("c@d.com"))]);
    let second = keyed(&api, "k", &path, &other).await.is(201);
    assert_eq!(second.header("idempotent-replayed"), None);
    api.post(&format!("{BASE}/test/reset"), &json!({})).await.is(200);
    let third = keyed(&api, "k", &path, &other).await.is(201);
    assert_eq!(third.header("idempotent-replayed"), None);
    assert_ne!(third.data()["id"], second.data()["id"]);
}

#[tokio::test]
async fn a_secret_is_told_again_for_a_day_and_stands_nowhere() {
    let api = Api::start().await;
    let (path, body) = (format!("{BASE}/webhook_endpoints"), json!({ "url": "https://app.acme.com/hooks" }));
    let made = keyed(&api, "k", &path, &body).await.is(201);
    let rotate = format!("{path}/{}/rotate_secret", id(&made));
    let rotated = keyed(&api, "r", &rotate, &json!({})).await.is(200);
    let secret = |reply: &Reply| reply.data()["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(secret(&keyed(&api, "k", &path, &body).await), secret(&made));
    assert_eq!(secret(&keyed(&api, "r", &rotate, &json!({})).await), secret(&rotated));
    assert_ne!(secret(&made), secret(&rotated));
    let listed = api.get(&path).await.is(200).data()[0].clone();
    assert_eq!(listed["old_secret_until"], "2026-05-09T12:00:00Z", "rotated once");
    for file in std::fs::read_dir(api.folder.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(file.path()).expect("a file");
        for secret in [secret(&made), secret(&rotated)] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} can be read in {}", secret, file.path().display());
        }
    }
    api.clock.advance(DAY);
    assert_ne!(secret(&keyed(&api, "r", &rotate, &json!({})).await.is(200)), secret(&rotated));
}

#[tokio::test]
async fn a_repeat_of_an_order_says_how_it_stands_now() {
    let api = Api::start().await;
    let (path, body) = (format!("{BASE}/orders"), order(&api.small_bundle().await));
    let first = keyed(&api, "k", &path, &body).await.is(200);
    assert_eq!(first.header("idempotent-order-status"), None);
    let status = async |reply: Reply| {
        assert_eq!(reply.json, first.json, "the receipt as it was first said");
        reply.header("idempotent-order-status").map(str::to_owned)
    };
    assert_eq!(status(keyed(&api, "k", &path, &body).await).await.as_deref(), Some("in_progress"));
    api.post(&format!("{path}/{}/cancel", id(&first)), &json!({})).await.is(200);
    assert_eq!(status(keyed(&api, "k", &path, &body).await).await.as_deref(), Some("cancel_scheduled"));
    assert_eq!(status(api.post(&path, &body).await).await.as_deref(), Some("cancel_scheduled"));
}

#[tokio::test]
async fn a_repeat_of_an_import_that_still_watches_watches_too() {
    let patient = api::Settings { import_wait: std::time::Duration::from_secs(3_600), ..settings() };
    let api = Api::with(patient).await;
    let (path, body) = (format!("{BASE}/domains/import"), json!({ "domains": ["acme.com"] }));
    let (one, two, ()) = tokio::join!(keyed(&api, "k", &path, &body), keyed(&api, "k", &path, &body), async {
        let job = loop {
            let reply = api.get(&format!("{path}?domains=acme.com")).await;
            if reply.status == 200 {
                break reply;
            }
            tokio::task::yield_now().await;
        };
        let mut db = api.store.read().await.expect("the store can be read");
        let mut rows = store::imports::rows(&mut db, &ImportId::opaque(id(&job))).await.expect("rows can be read");
        rows[0].nameservers = vec!["ns1.x.example".into()];
        let mut change = Change::default();
        change.import_rows.update = rows;
        api.write(change).await;
    });
    let (one, two) = (one.is(200), two.is(200));
    assert_eq!(one.json, two.json);
    assert_eq!(one.data()["nameserver_groups"][0]["nameservers"], json!(["ns1.x.example"]));
    let marks = [&one, &two].map(|reply| reply.header("idempotent-replayed").is_some());
    assert_eq!(marks.iter().filter(|replayed| **replayed).count(), 1, "one of them was the first");
    let later = keyed(&api, "k", &path, &body).await.is(200);
    assert_eq!((&later.json, later.header("idempotent-replayed")), (&one.json, Some("true")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_at_once_make_one() {
    let api = Api::start().await;
    let (path, body) = (format!("{BASE}/webhook_endpoints"), json!({ "url": "https://app.acme.com/hooks" }));
    let replies = futures_util::future::join_all((0..32).map(|_| keyed(&api, "k", &path, &body))).await;
    assert_eq!(replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none()).count(), 1);
    for reply in &replies {
        assert_eq!((reply.status, &reply.json), (201, &replies[0].json));
    }
    assert_eq!(api.get(&path).await.is(200).data().as_array().map(Vec::len), Some(1));
}
