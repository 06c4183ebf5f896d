//! How orders get on, as JSON and as events.

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use model::change::Change;
use model::clock::{Clock as _, SECOND};
use model::domain::{Domain, DomainStatus};
use model::id::{Id, OrderId};
use model::order::{Order, OrderStatus};
use model::partner::Preset;
use model::run::{Run, RunState, StepName};
use model::world::Environment;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Api, NOON, order, request};

async fn placed(api: &Api) -> String {
    let bundle = api.small_bundle().await;
    let receipt = api.post("/partner/v1/orders", &order(&bundle)).await.is(200);
    receipt.data()["id"].as_str().expect("an id").to_owned()
}

fn path(order: &str) -> String {
    format!("/partner/v1/orders/{order}/timeline")
}

async fn rows(api: &Api, order: &str) -> (Order, Vec<Domain>, Vec<Run>) {
    let (mut db, id) = (api.store.read().await.expect("the store can be read"), OrderId::opaque(order));
    let order = store::orders::load(&mut db, &id).await.expect("orders can be read").expect("the order");
    let domains = store::domains::of_order(&mut db, &id).await.expect("domains can be read");
    (order, domains, store::runs::of_order(&mut db, &id).await.expect("runs can be read"))
}

/// Ends the run of the domain at a place, and the order with the last.
async fn finish(api: &Api, order: &str, place: usize) {
    let (order, domains, runs) = rows(api, order).await;
    let domain = &domains[place];
    let run = runs.iter().find(|run| run.domain == domain.id).expect("a run");
    let mut change = Change::default();
    let finished_at = Some(api.clock.now());
    let step = StepName::ConfirmReady;
    change.runs.update.push(Run { state: RunState::Done, step, finished_at, ..run.clone() });
    change.domains.update.push(Domain { status: DomainStatus::Active, ..domain.clone() });
    if domains.iter().all(|one| one.id == domain.id || one.status == DomainStatus::Active) {
        change.orders.update.push(Order { status: OrderStatus::Completed, ..order });
    }
    api.write(change).await;
}

#[tokio::test]
async fn an_order_that_has_just_been_accepted_shows_every_step_that_is_to_come() {
    proves!("GET /orders/{id}/timeline", "Timeline", "TimelineDomain", "TimelineStep");
    let api = Api::start().await;
    let id = placed(&api).await;
    let reply = api.get(&path(&id)).await.is(200);
    assert_eq!(reply.header("vary"), Some("Accept"));
    let data = reply.data();
    let keys: Vec<_> = data.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["change", "domains", "estimate", "order_id", "status"]);
    assert_eq!((&data["order_id"], &data["status"]), (&json!(id), &json!("in_progress")));
    assert_eq!((&data["change"], &data["estimate"]), (&json!(5), &Value::Null));

    let domain = &data["domains"][0];
    let (_, domains, runs) = rows(&api, &id).await;
    let steps = domain["runs"][0]["steps"].as_array().unwrap();
    assert_eq!(
        *domain,
        json!({
            "domain_id": domains[0].id.to_string(),
            "domain": "acme-mail.com",
            "provider": "microsoft",
            "status": "pending",
            "https_trouble": null,
            "checks": [],
            "runs": [{
                "id": runs[0].id.to_string(),
                "kind": "provision",
                "state": "open",
                "started_at": NOON,
                "finished_at": null,
                "steps": steps,
            }]
        })
    );
    let states: Vec<_> = steps.iter().map(|step| step["state"].as_str().unwrap()).collect();
    assert_eq!(states, [&["running"][..], &["pending"; 10]].concat());
    assert_eq!(
        steps[1],
        json!({
            "step": "create_zone",
            "title": "Create the DNS zone",
            "state": "pending",
            "started_at": null,
            "finished_at": null,
            "attempts": 0,
            "trouble": null,
            "who": null,
            "action_id": null,
            "next_try_at": null,
        })
    );
}

#[tokio::test]
async fn only_its_own_environment_sees_it() {
    let api = Api::start().await;
    let id = placed(&api).await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let other = api.add_partner("Other").await;
    let other = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    for key in [&live, &other] {
        api.get_as(key, &path(&id)).await.refuses(404, "not_found");
        let stream = request("GET", &path(&id), key).header("Accept", "text/event-stream");
        api.send(stream.body(Body::empty()).unwrap()).await.refuses(404, "not_found");
    }
    for unknown in ["ord_1", "%ff", "%00"] {
        api.get(&path(unknown)).await.refuses(404, "not_found");
    }
}

/// The events of an order, as they arrive.
struct Followed(BodyDataStream);

impl Followed {
    async fn open(api: &Api, order: &str, last_event_id: Option<&str>) -> Self {
        let mut request = request("GET", &path(order), &api.key).header("Accept", "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = api
            .router
            .clone()
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("the router never fails");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["vary"], "Accept");
        Self(response.into_body().into_data_stream())
    }

    /// The next event: its name, its data, its id.
    async fn next(&mut self) -> Option<(String, Value, Option<String>)> {
        let bytes = self.0.next().await?.expect("a frame");
        let text = std::str::from_utf8(&bytes).expect("text");
        let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(ToOwned::to_owned);
        let data = serde_json::from_str(&line("data: ").expect("data")).expect("JSON");
        Some((line("event: ").expect("a name"), data, line("id: ")))
    }

    /// The next so many events in short: what they are about and their ids.
    async fn some(&mut self, count: usize) -> Vec<(String, Option<String>)> {
        let mut events = vec![];
        for _ in 0..count {
            let (name, data, id) = self.next().await.expect("an event");
            let about = data["domain"].as_str().or(data["status"].as_str()).expect("a domain or a status");
            events.push((format!("{name} {about}"), id));
        }
        events
    }
}

fn told(events: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    events.iter().map(|(text, id)| ((*text).to_owned(), id.map(ToOwned::to_owned))).collect()
}

#[tokio::test]
async fn a_stream_begins_with_everything_and_ends_when_nothing_is_left_to_do() {
    let api = Api::start().await;
    let id = placed(&api).await;
    let mut followed = Followed::open(&api, &id, None).await;
    let shown = api.get(&path(&id)).await.is(200);
    let (name, data, event_id) = followed.next().await.unwrap();
    assert_eq!((name.as_str(), &data, event_id), ("domain", &shown.data()["domains"][0], None));
    assert_eq!(followed.some(2).await, told(&[("domain team-acme.com", None), ("order in_progress", Some("5"))]));
    finish(&api, &id, 0).await;
    assert_eq!(followed.some(1).await, told(&[("domain acme-mail.com", Some("7"))]));
    finish(&api, &id, 1).await;
    assert_eq!(
        followed.some(3).await,
        told(&[("domain team-acme.com", None), ("order completed", None), ("end completed", Some("10"))])
    );
    assert!(followed.next().await.is_none(), "the stream is closed");
}

#[tokio::test]
async fn whoever_comes_back_is_told_what_it_does_not_know() {
    let api = Api::start().await;
    let id = placed(&api).await;
    let mut known = Followed::open(&api, &id, Some("5")).await;
    let mut cut_off = Followed::open(&api, &id, Some("4")).await;
    let mut confused = Followed::open(&api, &id, Some("x")).await;
    let everything =
        told(&[("domain acme-mail.com", None), ("domain team-acme.com", None), ("order in_progress", Some("5"))]);
    assert_eq!(cut_off.some(3).await, everything);
    assert_eq!(confused.some(3).await, everything);
    finish(&api, &id, 1).await;
    for follower in [&mut known, &mut cut_off, &mut confused] {
        assert_eq!(follower.some(1).await, told(&[("domain team-acme.com", Some("7"))]));
    }
    finish(&api, &id, 0).await;
    let mut late = Followed::open(&api, &id, Some("10")).await;
    assert_eq!(late.some(1).await, told(&[("end completed", Some("10"))]));
    assert!(late.next().await.is_none());
}

#[tokio::test]
async fn what_nobody_can_see_is_not_told() {
    let api = Api::start().await;
    let id = placed(&api).await;
    let mut followed = Followed::open(&api, &id, None).await;
    followed.some(3).await;
    let (order, ..) = rows(&api, &id).await;
    let mut change = Change::default();
    change.orders.update.push(Order { renews_at: order.renews_at.plus(SECOND), ..order });
    api.write(change).await;
    finish(&api, &id, 0).await;
    assert_eq!(followed.some(1).await, told(&[("domain acme-mail.com", Some("8"))]));
}

#[tokio::test]
async fn a_revoked_key_follows_no_more() {
    let api = Api::start().await;
    let id = placed(&api).await;
    let mut followed = Followed::open(&api, &id, None).await;
    followed.some(3).await;
    api.revoke_keys().await;
    finish(&api, &id, 0).await;
    assert_eq!(followed.next().await, None);
}

#[tokio::test]
async fn a_key_can_follow_sixteen_orders_at_a_time() {
    let api = Api::start().await;
    let id = placed(&api).await;
    let mut open = vec![];
    for _ in 0..16 {
        open.push(Followed::open(&api, &id, None).await);
    }
    let one_more = || request("GET", &path(&id), &api.key).header("Accept", "text/event-stream").body(Body::empty());
    let refused = api.send(one_more().unwrap()).await;
    assert_eq!(refused.header("retry-after"), Some("5"));
    let error = refused.refuses(429, "rate_limited");
    assert_eq!(error["details"]["retry_after_seconds"], 5);
    api.get(&path(&id)).await.is(200);
    open.pop();
    Followed::open(&api, &id, None).await.some(3).await;
}

#[tokio::test]
async fn the_estimate_comes_from_the_domains_before() {
    proves!("Estimate");
    let api = Api::start().await;
    let id = placed(&api).await;
    let (_, _, runs) = rows(&api, &id).await;
    let ended = |seconds: i64| Run {
        id: Id::opaque(format!("run_{seconds}")),
        order: None,
        state: RunState::Done,
        finished_at: Some(runs[0].created_at.plus(seconds * SECOND)),
        ..runs[0].clone()
    };
    let mut change = Change::default();
    change.runs.insert.extend([10, 20, 30, 40].map(ended));
    api.write(change).await;
    assert_eq!(api.get(&path(&id)).await.data()["estimate"], Value::Null, "four say nothing");
    let mut change = Change::default();
    change.runs.insert.push(ended(50));
    api.write(change).await;
    let estimate = json!({ "p50_at": "2026-05-08T12:00:30Z", "p90_at": "2026-05-08T12:00:50Z" });
    assert_eq!(api.get(&path(&id)).await.data()["estimate"], estimate);
    api.clock.advance(40 * SECOND);
    let estimate = json!({ "p50_at": "2026-05-08T12:00:40Z", "p90_at": "2026-05-08T12:00:50Z" });
    assert_eq!(api.get(&path(&id)).await.data()["estimate"], estimate);
    finish(&api, &id, 0).await;
    finish(&api, &id, 1).await;
    assert_eq!(api.get(&path(&id)).await.data()["estimate"], Value::Null);
}
