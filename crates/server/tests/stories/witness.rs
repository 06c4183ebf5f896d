//! Every event carries what the GET of its object showed at that moment: a witness compares the two between any
//! two calls that a worker makes, and after every request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use axum::http::StatusCode;
use engine::{Fate, Point, Probe};
use model::clock::{DAY, HOUR};
use model::event::EventKind;
use model::run::StepName;
use serde_json::{Value, json};

use crate::support::{Rig, golden, order_body};

/// Reads new events and the objects that they are about.
#[derive(Default)]
struct Witness {
    rig: OnceLock<Rig>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    last: Option<String>,
    kinds: BTreeMap<String, Value>,
}

impl Probe for Witness {
    fn fate(&self, _: &str, _: StepName, point: Point) -> Fate {
        if point == Point::BeforeCall {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(self.look()));
        }
        Fate::Live
    }
}

impl Witness {
    async fn look(&self) {
        let rig = self.rig.get().unwrap();
        let last = self.seen.lock().unwrap().last.clone();
        let path =
            last.map_or_else(|| "/events?per_page=100".into(), |last| format!("/events?per_page=100&after={last}"));
        let page = rig.call("GET", &path, None).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        for event in page.body["data"].as_array().unwrap() {
            let (kind, data) = (event["type"].as_str().unwrap(), &event["data"]);
            if let Some(path) = path_of(kind, data) {
                let mut shown = rig.call("GET", &path, None).await.body["data"].clone();
                // An event stays small: the zone is read at the domain alone.
                if let Some(fields) = shown.as_object_mut().filter(|_| path.starts_with("/domains/dom_")) {
                    fields.remove("zone");
                }
                assert_eq!(shown, without_why(kind, data), "{kind} and {path}");
            }
            let mut seen = self.seen.lock().unwrap();
            seen.last = Some(event["id"].as_str().unwrap().to_owned());
            seen.kinds.entry(kind.to_owned()).or_insert_with(|| event.clone());
        }
    }
}

/// Beside the object some events say why they were told: what to answer, and in words what to do.
fn without_why(kind: &str, data: &Value) -> Value {
    let (of, what) = kind.split_once('.').unwrap();
    let mut shown = data.clone();
    if kind == "inbox.handed_over" {
        let path = shown.as_object_mut().unwrap().remove("access_path");
        assert_eq!(path, Some(json!(format!("/partner/v1/inboxes/{}/access", data["id"].as_str().unwrap()))));
    }
    let fields = shown.as_object_mut().unwrap();
    if ["action_required", "failed", "forwarding_failed"].contains(&what) || kind == "swap.cancelled" {
        assert!(data["reason"].is_string() && data["message"].is_string(), "{kind}: {data}");
        assert_eq!(fields.get("action_id").unwrap().is_string(), what == "action_required", "{kind}: {data}");
        for why in ["reason", "action_id", "message"] {
            // What a swap waits for, its GET says too.
            if (of, why) != ("swap", "reason") {
                fields.remove(why);
            }
        }
    }
    shown
}

/// Where the object of an event is read.
fn path_of(kind: &str, data: &Value) -> Option<String> {
    let id = data["id"].as_str()?;
    let list = match kind.split('.').next()? {
        "order" => "orders",
        "domain" => "domains",
        "domain_import" => "domains/import",
        "swap" => "swaps",
        "inbox" => "inboxes",
        _ => return None,
    };
    Some(format!("/{list}/{id}"))
}

async fn post(witness: &Witness, path: &str, body: &Value) -> Value {
    let rig = witness.rig.get().unwrap();
    let answer = rig.call("POST", path, Some(body)).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    witness.look().await;
    answer.body["data"].clone()
}

async fn settle(witness: &Witness) {
    witness.rig.get().unwrap().settle_all().await;
    witness.look().await;
}

async fn advance(witness: &Witness, micros: i64) {
    witness.rig.get().unwrap().clock.advance(micros);
    settle(witness).await;
}

async fn order(witness: &Witness, name: &str, provider: &str) -> (String, String) {
    let mut body = order_body(&[name]);
    if provider == "microsoft" {
        body["google_licenses"] = json!(0);
        body["microsoft_licenses"] = json!(1);
    }
    let id = post(witness, "/orders", &body).await["id"].as_str().unwrap().to_owned();
    settle(witness).await;
    let order = witness.rig.get().unwrap().order(&id).await;
    (id, order["domains"][0]["id"].as_str().unwrap_or_default().to_owned())
}

async fn orders(witness: &Witness) {
    let (id, _) = order(witness, "acme-one.com", "google").await;
    let mut by_webhook = order_body(&["acme-hooked.com"]);
    by_webhook["sequencer"] = json!({ "provider": "webhook" });
    post(witness, "/orders", &by_webhook).await;
    settle(witness).await;
    order(witness, "action-acme.com", "google").await;
    order(witness, "fail-acme.com", "google").await;
    order(witness, "drift-acme.com", "google").await;
    advance(witness, 31 * DAY).await;
    post(witness, &format!("/orders/{id}/cancel"), &json!({})).await;
    witness.rig.get().unwrap().call("DELETE", &format!("/orders/{id}/cancel"), None).await;
    witness.look().await;
    post(witness, &format!("/orders/{id}/cancel"), &json!({})).await;
    advance(witness, 9 * DAY + HOUR).await;
    advance(witness, 2 * DAY).await;
    advance(witness, 20 * DAY).await;
}

/// Month by month, because an event shows its own month only; and not in the hour in which the records are looked at.
async fn renewals(witness: &Witness) {
    order(witness, "acme-kept.com", "google").await;
    for _ in 0..11 {
        advance(witness, 30 * DAY).await;
    }
    advance(witness, 4 * DAY + 12 * HOUR).await;
    advance(witness, 13 * HOUR).await;
}

/// What is found weeks later, and mail that is signed later.
async fn upkeep(witness: &Witness) {
    let mut unsigned = order_body(&["action-dkim-acme.com"]);
    unsigned["dkim"] = json!("later");
    post(witness, "/orders", &unsigned).await;
    settle(witness).await;
    order(witness, "link-lost-acme.com", "google").await;
    order(witness, "mailbox-suspended-acme.com", "google").await;
    let rig = witness.rig.get().unwrap();
    for hours in [22 * 24, 1, 1] {
        rig.advance(hours * HOUR).await;
        witness.look().await;
    }
    let asked = rig.call("GET", "/orders/pending", None).await.body["data"][0]["id"].as_str().unwrap().to_owned();
    post(witness, &format!("/orders/pending/{asked}/resolve"), &json!({})).await;
    for days in [9, 3] {
        rig.advance(days * DAY).await;
        witness.look().await;
    }
}

async fn imports(witness: &Witness) {
    for names in [vec!["theirs-acme.com"], vec!["unreg-acme.com"], vec!["nons-acme.com"]] {
        post(witness, "/domains/import/jobs", &json!({ "domains": names })).await;
        settle(witness).await;
    }
    advance(witness, 25 * HOUR).await;
    advance(witness, 25 * HOUR).await;
}

async fn forwarding(witness: &Witness) {
    order(witness, "acme-forward.com", "google").await;
    for target in ["https://acme.com/elsewhere", "https://unreachable-acme.com"] {
        post(witness, "/domains/forwarding", &json!({ "domains": ["acme-forward.com"], "forwarding_url": target }))
            .await;
        settle(witness).await;
    }
}

async fn swaps(witness: &Witness) {
    let (_, domain) = order(witness, "acme-worn.com", "microsoft").await;
    for (kind, replacement) in [("standard", "action-fresh.com"), ("standard", "fail-fresh.com")] {
        let domains = witness.rig.get().unwrap().call("GET", "/domains?status=active&per_page=100", None).await.body;
        let current = domains["data"].as_array().unwrap().iter().find(|one| one["provider"] == "microsoft");
        let current = current.map_or(domain.clone(), |one| one["id"].as_str().unwrap().to_owned());
        post(witness, "/swaps", &json!({ "type": kind, "domain_id": current, "replacement_domain": replacement }))
            .await;
        settle(witness).await;
    }
    let worn = json!({ "domain_id": "action-fresh.com", "replacement_domain": "slow-fresh.com" });
    let unwanted = post(witness, "/swaps", &worn).await["id"].as_str().unwrap().to_owned();
    post(witness, &format!("/swaps/{unwanted}/cancel"), &json!({})).await;
}

/// A payload with the same ids and times on every run: work that goes on side by side draws them in any order.
fn example(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), example(value))).collect(),
        Value::Array(items) => items.iter().map(example).collect(),
        Value::String(text) if model::clock::Time::parse(text).is_some() => json!("2026-05-08T12:00:00Z"),
        Value::String(text) if text.len() == 30 && text.as_bytes()[3] == b'_' => {
            json!(format!("{}_01JTZ8A1B2C3D4E5F6G7H8J9K0", &text[..3]))
        }
        other => other.clone(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_carries_what_the_get_showed() {
    let witness = Arc::new(Witness::default());
    let rig = Rig::with_probe(witness.clone()).await;
    let endpoint = json!({ "url": "https://example.com/hooks", "events": ["webhook.test"] });
    assert!(witness.rig.set(rig).is_ok());
    let id = post(&witness, "/webhook_endpoints", &endpoint).await["id"].as_str().unwrap().to_owned();
    post(&witness, &format!("/webhook_endpoints/{id}/test"), &json!({})).await;
    imports(&witness).await;
    forwarding(&witness).await;
    swaps(&witness).await;
    orders(&witness).await;
    let kept = Arc::new(Witness::default());
    assert!(kept.rig.set(Rig::with_probe(kept.clone()).await).is_ok());
    renewals(&kept).await;
    let tended = Arc::new(Witness::default());
    assert!(tended.rig.set(Rig::with_probe(tended.clone()).await).is_ok());
    upkeep(&tended).await;

    let mut seen = witness.seen.lock().unwrap();
    for other in [kept, tended] {
        for (kind, event) in std::mem::take(&mut other.seen.lock().unwrap().kinds) {
            seen.kinds.entry(kind).or_insert(event);
        }
    }
    let missing: Vec<_> = EventKind::ALL.iter().filter(|kind| !seen.kinds.contains_key(kind.as_str())).collect();
    assert!(missing.is_empty(), "never told: {missing:?}");
    let payloads: BTreeMap<_, _> = seen.kinds.iter().map(|(kind, event)| (kind, example(event))).collect();
    let payloads = serde_json::to_string_pretty(&payloads).unwrap();
    golden("docs/payloads.json", &(payloads + "\n"));
}
