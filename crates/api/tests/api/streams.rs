//! Events as a stream.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt as _;
use model::change::Change;
use model::id::{EventId, Id as _};
use model::partner::{Partner, Preset};
use model::world::Environment;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Api, Reply, request};

const EVENTS: &str = "/partner/v1/events";

/// A stream that is open.
struct Listening {
    body: BodyDataStream,
    text: String,
}

/// One event of it.
#[derive(Debug, PartialEq)]
struct Heard {
    id: String,
    event: String,
    data: String,
}

fn asking(path: &str, key: &str) -> axum::http::request::Builder {
    request("GET", path, key).header("Accept", "text/event-stream")
}

async fn listen(api: &Api, request: Request<Body>) -> Listening {
    let response = api.router.clone().oneshot(request).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.headers().contains_key("peeker-request-id"));
    Listening { body: response.into_body().into_data_stream(), text: String::new() }
}

async fn listen_at(api: &Api, path: &str) -> Listening {
    listen(api, asking(path, &api.key).body(Body::empty()).unwrap()).await
}

impl Listening {
    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim_start_matches(": ").to_owned())
                };
                let heard = field("id").filter(|_| field("data").is_some()).map(|id| Heard {
                    id,
                    event: field("event").unwrap(),
                    data: field("data").unwrap(),
                });
                self.text = rest.to_owned();
                if heard.is_some() {
                    return heard;
                }
                continue;
            }
            let chunk = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

/// Tells a test, and answers its event.
async fn tell(api: &Api, endpoint: &str) -> Value {
    let told = api.post(&format!("/partner/v1/webhook_endpoints/{endpoint}/test"), &json!({})).await.is(202);
    let id = told.data()["event_id"].as_str().unwrap().to_owned();
    api.get(&format!("{EVENTS}/{id}")).await.is(200).data().clone()
}

async fn endpoint(api: &Api) -> String {
    let made = api.post("/partner/v1/webhook_endpoints", &json!({ "url": "https://app.acme.com/hooks" })).await.is(201);
    made.data()["id"].as_str().unwrap().to_owned()
}

/// What was heard is this event, its data the very body that webhooks carry.
#[track_caller]
fn same(heard: Option<Heard>, event: &Value) {
    let heard = heard.unwrap();
    assert_eq!((heard.id.as_str().into(), heard.event.as_str().into()), (event["id"].clone(), event["type"].clone()));
    assert_eq!(serde_json::from_str::<Value>(&heard.data).unwrap(), *event);
    assert!(heard.data.starts_with(&format!(r#"{{"id":"{}","type":"#, heard.id)), "{}", heard.data);
}

#[tokio::test]
async fn a_stream_begins_now_or_after_what_it_is_told() {
    let api = Api::start().await;
    let whe = endpoint(&api).await;
    let (one, two) = (tell(&api, &whe).await, tell(&api, &whe).await);
    let after = format!("{EVENTS}?after={}", one["id"].as_str().unwrap());
    let mut from_now = listen_at(&api, EVENTS).await;
    let mut from_one = listen_at(&api, &after).await;
    let again = asking(&after, &api.key).header("Last-Event-ID", two["id"].as_str().unwrap());
    let mut reconnected = listen(&api, again.body(Body::empty()).unwrap()).await;
    let three = tell(&api, &whe).await;
    same(from_now.next().await, &three);
    same(from_one.next().await, &two);
    same(from_one.next().await, &three);
    same(reconnected.next().await, &three);
}

#[tokio::test]
async fn the_first_event_of_all_is_heard_and_other_types_are_passed_over() {
    let api = Api::start().await;
    let mut all = listen_at(&api, EVENTS).await;
    let mut completed = listen_at(&api, &format!("{EVENTS}?type=order.in_progress")).await;
    let whe = endpoint(&api).await;
    let test = tell(&api, &whe).await;
    let bundle = api.small_bundle().await;
    api.post("/partner/v1/orders", &crate::support::order(&bundle)).await.is(200);
    let placed = api.get(&format!("{EVENTS}?type=order.in_progress")).await.is(200).data()[0].clone();
    same(all.next().await, &test);
    same(all.next().await, &placed);
    same(completed.next().await, &placed);
}

#[tokio::test]
async fn what_cannot_be_streamed_is_refused_as_json() {
    let api = Api::start().await;
    for (path, field) in [("?after=evt_x", "after"), ("?type=order.gone", "type"), ("?after=", "after")] {
        let request = asking(&format!("{EVENTS}{path}"), &api.key).body(Body::empty()).unwrap();
        api.send(request).await.refuses_field(field);
    }
    let live = api.add_key(Environment::Live, Preset::Read).await;
    let request = asking(EVENTS, &live).header("Last-Event-ID", "evt_x").body(Body::empty()).unwrap();
    api.send(request).await.refuses_field("after");
}

/// An id that was drawn here and is not known any more: of the millisecond after the last event's.
fn lost_after(event: &Value) -> String {
    let id = EventId::opaque(event["id"].as_str().unwrap());
    model::id::lowest_near(&id, 1).unwrap().to_string()
}

#[tokio::test]
async fn who_has_an_event_from_a_future_that_was_lost_is_told_where_to_go_on() {
    proves!("error cursor_lost");
    let api = Api::start().await;
    let whe = endpoint(&api).await;
    let lost_first = "evt_00000000010000000000000000";
    let refused = api.get(&format!("{EVENTS}?after={lost_first}")).await.refuses(410, "cursor_lost");
    assert_eq!((&refused["field"], &refused["details"]), (&json!("after"), &json!({ "go_on_after": null })));

    let known = tell(&api, &whe).await;
    let lost = lost_after(&known);
    api.clock.advance(model::clock::DAY);
    let later = tell(&api, &whe).await;
    for path in [format!("{EVENTS}?after={lost}"), format!("{EVENTS}?type=webhook.test&after={lost}")] {
        let refused = api.get(&path).await.refuses(410, "cursor_lost");
        assert_eq!(refused["details"]["go_on_after"], known["id"]);
        let request = asking(&path, &api.key).body(Body::empty()).unwrap();
        assert_eq!(api.send(request).await.refuses(410, "cursor_lost")["details"]["go_on_after"], known["id"]);
    }
    let request = asking(EVENTS, &api.key).header("Last-Event-ID", &lost).body(Body::empty()).unwrap();
    let refused = api.send(request).await.refuses(410, "cursor_lost");
    assert_eq!(refused["details"]["go_on_after"], known["id"]);
    let go_on = format!("{EVENTS}?after={}", refused["details"]["go_on_after"].as_str().unwrap());
    let rest = api.get(&go_on).await.is(200);
    assert_eq!(rest.data().as_array().unwrap(), std::slice::from_ref(&later), "and nothing is passed over");

    let body = json!({ "since": "2026-05-08T00:00:00Z", "after": lost });
    let replay = format!("/partner/v1/webhook_endpoints/{whe}/replay");
    let refused = api.post(&replay, &body).await.refuses(410, "cursor_lost");
    assert_eq!(refused["details"]["go_on_after"], known["id"]);
}

#[tokio::test]
async fn an_event_of_somebody_else_is_as_unknown_as_one_that_was_lost() {
    let api = Api::start().await;
    let whe = endpoint(&api).await;
    let event = tell(&api, &whe).await;
    let live = api.add_key(Environment::Live, Preset::Read).await;
    let path = format!("{EVENTS}?after={}", event["id"].as_str().unwrap());
    for headers in [None, Some("text/event-stream")] {
        let mut request = Request::builder().uri(&path).header("authorization", format!("Bearer {live}"));
        if let Some(accept) = headers {
            request = request.header("accept", accept);
        }
        let refused = api.send(request.body(Body::empty()).unwrap()).await.refuses(410, "cursor_lost");
        assert_eq!(refused["details"], json!({ "go_on_after": null }));
    }
}

#[tokio::test]
async fn a_stream_of_a_sandbox_that_was_reset_begins_with_its_first_event() {
    let api = Api::start().await;
    let whe = endpoint(&api).await;
    let old = tell(&api, &whe).await;
    api.clock.advance(model::clock::MINUTE);
    api.post("/partner/v1/test/reset", &json!({})).await.is(200);
    let new = tell(&api, &whe).await;
    let again = asking(EVENTS, &api.key).header("Last-Event-ID", old["id"].as_str().unwrap());
    let mut reconnected = listen(&api, again.body(Body::empty()).unwrap()).await;
    same(reconnected.next().await, &new);
}

#[tokio::test]
async fn one_key_has_sixteen_streams_and_all_end_with_the_server() {
    let api = Api::start().await;
    let mut open = vec![];
    for _ in 0..16 {
        open.push(listen_at(&api, EVENTS).await);
    }
    let too_many = asking(EVENTS, &api.key).body(Body::empty()).unwrap();
    let refused: Reply = api.send(too_many).await;
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(refused.refuses(429, "rate_limited")["details"]["retry_after_seconds"], 5);
    let read = api.add_key(Environment::Test, Preset::Read).await;
    drop(listen(&api, asking(EVENTS, &read).body(Body::empty()).unwrap()).await);
    open.pop();
    open.push(listen_at(&api, EVENTS).await);
    api.stop.cancel();
    for mut one in open {
        assert_eq!(one.next().await, None);
    }
}

async fn partner(api: &Api) -> Partner {
    store::partners::get(&mut api.store.read().await.unwrap(), &api.partner).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_stream_goes_over_to_the_new_world_of_a_sandbox_that_is_reset() {
    let api = Api::start().await;
    let whe = endpoint(&api).await;
    let old = tell(&api, &whe).await;
    let mut listening = listen_at(&api, EVENTS).await;
    let mut change = Change::default();
    let partner = partner(&api).await;
    change.partners.update.push(Partner { test_epoch: partner.test_epoch + 1, ..partner });
    api.write(change).await;
    let new = tell(&api, &whe).await;
    same(listening.next().await, &new);
    let again = asking(EVENTS, &api.key).header("Last-Event-ID", old["id"].as_str().unwrap());
    same(listen(&api, again.body(Body::empty()).unwrap()).await.next().await, &new);
}

#[tokio::test]
async fn a_revoked_key_hears_no_more() {
    let api = Api::start().await;
    let mut listening = listen_at(&api, EVENTS).await;
    api.revoke_keys().await;
    assert_eq!(listening.next().await, None);
}
