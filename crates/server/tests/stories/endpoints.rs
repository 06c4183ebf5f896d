//! Endpoints that partners make themselves, and what is sent to them, on both databases.

use engine::signature::{verify_peeker, verify_standard};
use futures_util::StreamExt as _;
use model::change::Change;
use model::clock::{Clock as _, DAY, HOUR, MINUTE, SECOND};
use model::partner::Partner;
use providers::egress::RetryAfter;
use secrecy::SecretString;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::courier::Sent;
use crate::support::{Answer, Rig, order_body, write};

const HOOKS: &str = "https://app.acme.com/hooks";
const OTHER: &str = "https://other.acme.com/hooks";

/// Runs a story on SQLite, and on PostgreSQL when its programs are installed.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test] async fn $name() { super::$name(super::Rig::sqlite().await).await; })* }
        mod postgres { $(#[tokio::test] async fn $name() {
            if let Some(rig) = super::Rig::postgres().await { super::$name(rig).await; }
        })* }
    };
}

on_both! {
    each_endpoint_gets_what_it_asked_for
    a_test_reaches_its_endpoint_and_no_other
    both_secrets_sign_while_a_rotation_overlaps
    a_failed_delivery_is_sent_again_by_hand
    a_disabled_endpoint_gets_nothing_and_is_caught_up_with
    the_schedule_goes_by_the_partners_clock
    three_days_of_failure_of_the_partners_clock_disable_an_endpoint
    the_test_clock_moves_every_retry
    a_stream_brings_every_event_once_in_telling_order
}

impl Rig {
    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    async fn make_endpoint(&self, body: &Value) -> (String, SecretString) {
        let made = self.post("/webhook_endpoints", body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let text = |name: &str| made.body["data"][name].as_str().unwrap().to_owned();
        (text("id"), SecretString::from(text("secret")))
    }

    async fn patch_endpoint(&self, id: &str, body: &Value) -> Value {
        let changed = self.call("PATCH", &format!("/webhook_endpoints/{id}"), Some(body)).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        changed.body["data"].clone()
    }

    async fn endpoint_view(&self, id: &str) -> Value {
        self.call("GET", &format!("/webhook_endpoints/{id}"), None).await.body["data"].clone()
    }

    async fn test_endpoint(&self, id: &str) -> String {
        let told = self.post(&format!("/webhook_endpoints/{id}/test"), &json!({})).await;
        assert_eq!(told.status, 202, "{}", told.body);
        told.body["data"]["id"].as_str().unwrap().to_owned()
    }

    async fn delivery(&self, id: &str) -> Value {
        self.call("GET", &format!("/webhook_deliveries/{id}"), None).await.body["data"].clone()
    }

    async fn redeliver(&self, id: &str) -> Answer {
        self.post(&format!("/webhook_deliveries/{id}/redeliver"), &json!({})).await
    }

    fn sent_to(&self, url: &str) -> Vec<Sent> {
        self.courier.sent().into_iter().filter(|sent| sent.url == url).collect()
    }

    /// Moves the partner's clock, and nothing else.
    async fn raise_offset(&self, micros: i64) {
        let mut db = self.wired.store.read().await.unwrap();
        let partner = store::partners::get(&mut db, &self.partner.id).await.unwrap().unwrap();
        drop(db);
        let mut change = Change::default();
        change.partners.update.push(Partner { test_offset: partner.test_offset + micros, ..partner });
        write(&self.wired, change).await;
    }
}

fn kinds(sent: &[Sent]) -> Vec<String> {
    let mut kinds: Vec<_> = sent.iter().map(Sent::kind).collect();
    kinds.sort();
    kinds
}

async fn each_endpoint_gets_what_it_asked_for(rig: Rig) {
    proves!("Attempt");
    rig.make_endpoint(&json!({ "url": HOOKS })).await;
    rig.make_endpoint(&json!({ "url": OTHER, "events": ["order.completed"] })).await;
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    assert_eq!(kinds(&rig.sent_to(HOOKS)), ["domain.connected", "order.completed", "order.in_progress"]);
    assert_eq!(kinds(&rig.sent_to(OTHER)), ["order.completed"]);
    let listed = rig.call("GET", "/webhook_deliveries?status=delivered", None).await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 4);
    let attempt = &listed.body["data"][0]["attempts"][0];
    assert!(attempt["at"].as_str().is_some_and(|at| at.starts_with("2026-05-08T12:")), "{attempt}");
    assert_eq!(attempt["duration_ms"], 0, "the clock stands still");
    assert_eq!(
        (&attempt["status_code"], &attempt["response"], &attempt["error"]),
        (&json!(200), &json!("seen"), &Value::Null)
    );
}

async fn a_test_reaches_its_endpoint_and_no_other(rig: Rig) {
    proves!("event webhook.test");
    let (id, secret) = rig.make_endpoint(&json!({ "url": HOOKS, "events": ["order.failed"] })).await;
    rig.make_endpoint(&json!({ "url": OTHER, "events": ["webhook.test"] })).await;
    let delivery = rig.test_endpoint(&id).await;
    rig.settle_all().await;
    let sent = rig.sent_to(HOOKS);
    assert_eq!((kinds(&sent), rig.sent_to(OTHER).len()), (vec!["webhook.test".to_owned()], 0));
    assert!(verify_peeker(&secret, rig.clock.now().seconds(), &sent[0].body, &sent[0].headers["peeker-signature"]));
    assert_eq!(sent[0].event()["data"], rig.endpoint_view(&id).await);
    assert_eq!(rig.delivery(&delivery).await["status"], "delivered");
    assert_eq!(rig.event_types().await, ["webhook.test"]);
}

async fn both_secrets_sign_while_a_rotation_overlaps(rig: Rig) {
    let (id, old) = rig.make_endpoint(&json!({ "url": HOOKS })).await;
    let rotated = rig.post(&format!("/webhook_endpoints/{id}/rotate_secret"), &Value::Null).await;
    assert_eq!(rotated.status, 400, "null is no object");
    let rotated = rig.send("POST", &format!("/webhook_endpoints/{id}/rotate_secret"), None, &[]).await;
    let new = SecretString::from(rotated.body["data"]["secret"].as_str().unwrap().to_owned());
    let sent = async |rig: &Rig| {
        rig.test_endpoint(&id).await;
        rig.work_off().await;
        rig.sent_to(HOOKS).pop().unwrap()
    };
    let fits = |sent: &Sent, secret: &SecretString| {
        let header = |name: &str| sent.headers[name].as_str();
        let seconds = header("peeker-timestamp").parse().unwrap();
        let standard = verify_standard(secret, header("webhook-id"), seconds, &sent.body, header("webhook-signature"));
        assert_eq!(standard, verify_peeker(secret, seconds, &sent.body, header("peeker-signature")));
        standard
    };
    let during = sent(&rig).await;
    assert_eq!((fits(&during, &new), fits(&during, &old)), (true, true));
    let header = &during.headers["peeker-signature"];
    assert!(header.starts_with("v1=") && header.contains(",v1="), "{header}");
    rig.raise_offset(DAY).await;
    let after = sent(&rig).await;
    assert_eq!((fits(&after, &new), fits(&after, &old)), (true, false));
    assert_eq!(after.headers["peeker-timestamp"], rig.clock.now().seconds().to_string(), "signed at server time");
}

async fn a_failed_delivery_is_sent_again_by_hand(rig: Rig) {
    proves!("POST /webhook_deliveries/{id}/redeliver");
    let (id, _) = rig.make_endpoint(&json!({ "url": HOOKS })).await;
    rig.courier.answer(HOOKS, 0);
    let delivery = rig.test_endpoint(&id).await;
    rig.work_off().await;
    let pending = rig.delivery(&delivery).await;
    assert_eq!((&pending["status"], &pending["attempts"][0]["status_code"]), (&json!("pending"), &Value::Null));
    assert_eq!(pending["attempts"][0]["error"], "no connection could be made");
    let early = rig.redeliver(&delivery).await;
    assert_eq!((early.status.as_u16(), &early.body["error"]["details"]["reason"]), (409, &json!("pending")));

    rig.settle_all().await;
    let failed = rig.delivery(&delivery).await;
    assert_eq!((&failed["status"], &failed["next_attempt_at"]), (&json!("failed"), &Value::Null));
    let attempts = |view: &Value| view["attempts"].as_array().unwrap().len();
    assert_eq!((attempts(&failed), rig.next_due().await), (5, None));

    for (status, stands, count) in [(500, "failed", 6), (200, "delivered", 7), (503, "failed", 8)] {
        rig.courier.answer(HOOKS, status);
        let again = rig.redeliver(&delivery).await;
        assert_eq!((again.status.as_u16(), &again.body["data"]["status"]), (202, &json!("pending")));
        rig.work_off().await;
        let after = rig.delivery(&delivery).await;
        assert_eq!((&after["status"], attempts(&after)), (&json!(stands), count));
        assert_eq!(rig.next_due().await, None, "by hand is once");
    }
    let ids: Vec<_> = rig.sent_to(HOOKS).iter().map(|sent| sent.headers["webhook-id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
}

async fn a_disabled_endpoint_gets_nothing_and_is_caught_up_with(rig: Rig) {
    let (id, _) = rig.make_endpoint(&json!({ "url": HOOKS })).await;
    rig.courier.answer(HOOKS, 500);
    let waiting = rig.test_endpoint(&id).await;
    rig.work_off().await;
    rig.patch_endpoint(&id, &json!({ "status": "disabled" })).await;
    rig.settle_all().await;
    let kept = rig.delivery(&waiting).await;
    assert_eq!((&kept["status"], kept["attempts"].as_array().unwrap().len()), (&json!("failed"), 1));
    let refused = rig.redeliver(&waiting).await;
    assert_eq!(refused.body["error"]["details"], json!({ "reason": "endpoint_disabled", "disabled_reason": "by_you" }));
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.sent_to(HOOKS).len(), 1);

    rig.patch_endpoint(&id, &json!({ "status": "active" })).await;
    rig.courier.answer(HOOKS, 200);
    assert_eq!(rig.redeliver(&waiting).await.status, 202);
    let replay =
        rig.post(&format!("/webhook_endpoints/{id}/replay"), &json!({ "since": "2026-05-08T12:00:00Z" })).await;
    assert_eq!((replay.status.as_u16(), &replay.body["data"]["queued"]), (202, &json!(3)), "{}", replay.body);
    rig.settle_all().await;
    assert_eq!(rig.delivery(&waiting).await["status"], "delivered");
    let told = ["domain.connected", "order.completed", "order.in_progress", "webhook.test", "webhook.test"];
    assert_eq!(kinds(&rig.sent_to(HOOKS)), told);
    let again = rig.post(&format!("/webhook_endpoints/{id}/replay"), &json!({ "since": "2026-05-08T12:00:00Z" })).await;
    assert_eq!(again.body["data"], json!({ "endpoint_id": id, "queued": 0, "next_after": null }));

    rig.courier.answer(HOOKS, 500);
    let orphan = rig.test_endpoint(&id).await;
    rig.work_off().await;
    assert_eq!(rig.call("DELETE", &format!("/webhook_endpoints/{id}"), None).await.status, 200);
    rig.settle_all().await;
    assert_eq!(rig.delivery(&orphan).await["status"], "failed");
    assert_eq!(rig.redeliver(&orphan).await.body["error"]["details"]["reason"], "endpoint_deleted");
}

async fn the_schedule_goes_by_the_partners_clock(rig: Rig) {
    let (id, _) = rig.make_endpoint(&json!({ "url": HOOKS })).await;
    rig.courier.answer(HOOKS, 429);
    let soon = rig.clock.now();
    rig.courier.ask_to_wait(HOOKS, RetryAfter::At(soon.plus(HOUR)));
    rig.raise_offset(10 * DAY).await;
    let delivery = rig.test_endpoint(&id).await;
    rig.work_off().await;
    let view = rig.delivery(&delivery).await;
    assert_eq!(view["attempts"][0]["at"], "2026-05-18T12:00:00Z");
    assert_eq!(view["next_attempt_at"], "2026-05-18T13:00:00Z", "an hour was asked for");
    assert_eq!(rig.next_due().await, Some(soon.plus(HOUR)));

    // The span of a day ends by the partner's clock, 22 hours of which pass at once.
    rig.courier.ask_to_wait(HOOKS, RetryAfter::Seconds(0));
    rig.raise_offset(22 * HOUR + 59 * MINUTE).await;
    rig.advance(HOUR).await;
    let view = rig.delivery(&delivery).await;
    assert_eq!(view["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(view["next_attempt_at"], "2026-05-19T12:00:00Z");
    rig.advance(MINUTE).await;
    assert_eq!(rig.delivery(&delivery).await["status"], "failed");
    assert_eq!(rig.next_due().await, None);
}

async fn three_days_of_failure_of_the_partners_clock_disable_an_endpoint(rig: Rig) {
    let (id, _) = rig.make_endpoint(&json!({ "url": HOOKS })).await;
    rig.courier.answer(HOOKS, 500);
    let first = rig.test_endpoint(&id).await;
    rig.work_off().await;
    let failing = rig.endpoint_view(&id).await;
    assert_eq!((&failing["status"], &failing["failing_since"]), (&json!("active"), &json!("2026-05-08T12:00:00Z")));
    rig.raise_offset(3 * DAY - SECOND).await;
    let second = rig.test_endpoint(&id).await;
    rig.work_off().await;
    assert_eq!(rig.endpoint_view(&id).await["status"], "active");
    rig.raise_offset(SECOND).await;
    rig.advance(2 * MINUTE).await;
    let disabled = rig.endpoint_view(&id).await;
    assert_eq!((&disabled["status"], &disabled["disabled_reason"]), (&json!("disabled"), &json!("failing")));
    rig.settle_all().await;
    for delivery in [first, second] {
        assert_eq!(rig.delivery(&delivery).await["status"], "failed");
    }
    let enabled = rig.patch_endpoint(&id, &json!({ "status": "active" })).await;
    assert_eq!((&enabled["disabled_reason"], &enabled["failing_since"]), (&Value::Null, &Value::Null));
}

async fn a_stream_brings_every_event_once_in_telling_order(rig: Rig) {
    let request = axum::http::Request::get("/partner/v1/events")
        .header("authorization", format!("Bearer {}", rig.key))
        .header("accept", "text/event-stream");
    let request = request.body(axum::body::Body::empty()).unwrap();
    let answer = rig.router.clone().oneshot(request).await.unwrap();
    let (mut stream, mut text) = (answer.into_body().into_data_stream(), String::new());
    let names: Vec<_> = (0..4).map(|n| format!("acme-{n}.com")).collect();
    rig.place(&order_body(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;
    rig.settle_all().await;
    while !text.contains("event: order.completed\n") || !text.ends_with("\n\n") {
        text.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
    }
    let heard: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let told = rig.call("GET", "/events?per_page=100", None).await.body["data"].as_array().unwrap().clone();
    assert_eq!(heard, told.into_iter().rev().collect::<Vec<_>>());
}

async fn the_test_clock_moves_every_retry(rig: Rig) {
    let (id, _) = rig.make_endpoint(&json!({ "url": HOOKS })).await;
    rig.courier.answer(HOOKS, 500);
    let delivery = rig.test_endpoint(&id).await;
    rig.work_off().await;
    for (seconds, attempts) in [(50, 1), (20, 2), (600, 3), (7_300, 4), (79_000, 5)] {
        let moved = rig.post("/test/clock/advance", &json!({ "seconds": seconds })).await;
        assert_eq!(moved.status, 200, "{}", moved.body);
        rig.work_off().await;
        let view = rig.delivery(&delivery).await;
        assert_eq!(view["attempts"].as_array().unwrap().len(), attempts, "{view}");
    }
    let view = rig.delivery(&delivery).await;
    assert_eq!((&view["status"], &view["attempts"][4]["at"]), (&json!("failed"), &json!("2026-05-09T12:09:30Z")));
    assert_eq!(rig.clock.now(), crate::support::NOW, "the server's own clock stood still");
}
