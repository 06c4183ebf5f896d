//! Requests that are held open, and what comes meanwhile: whatever is decided is decided by what is true then.

use axum::body::{Body, Bytes};
use futures_util::stream::once;
use model::change::Change;
use model::clock::{DAY, SECOND, Time};
use model::id::Ids;
use model::partner::{ApiKey, Preset};
use model::world::Environment;
use serde_json::{Value, json};
use store::{Store, keys};
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use crate::presets::CALLS;
use crate::support::{Api, NOON, Reply, order, request, settings};

const ORDERS: &str = "/partner/v1/orders";

/// Sends a call whose body comes only after something else has happened. Its headers were read long before.
async fn held(api: &Api, key: &str, call: (&str, &str), body: &Value, meanwhile: impl Future<Output = ()>) -> Reply {
    let (reads, reading) = oneshot::channel();
    let (come, coming) = oneshot::channel::<()>();
    let text = Bytes::from(body.to_string());
    let body = Body::from_stream(once(async move {
        reads.send(()).expect("somebody waits for it");
        coming.await.map(|()| text)
    }));
    let request = request(call.0, call.1, key).header("Content-Type", "application/json");
    let sending = api.send(request.body(body).expect("a request"));
    let (reply, ()) = tokio::join!(sending, async {
        reading.await.expect("the body is read");
        meanwhile.await;
        come.send(()).expect("the body is still awaited");
    });
    reply
}

/// Changes a key's record, as the operator's commands do.
async fn set(store: Store, ids: Ids, key: String, adjust: impl FnOnce(&mut ApiKey)) {
    let mut db = store.read().await.expect("the store can be read");
    let known = keys::authenticate(&mut db, &key).await.expect("keys can be read");
    let mut record = known.expect("a good key").0;
    drop(db);
    adjust(&mut record);
    let writing = store.write(move |tx| {
        let (mut change, ids, now) = (Change::default(), ids.clone(), record.created_at);
        change.keys.update.push(record.clone());
        Box::pin(async move { tx.apply(change, &ids, now).await })
    });
    writing.await.expect("the key is changed");
}

/// Revokes a key.
fn revoke(api: &Api, key: &str) -> impl Future<Output = ()> + Send + 'static {
    let (store, ids, key) = (api.store.clone(), api.ids.clone(), key.to_owned());
    set(store, ids, key, |key| key.revoked_at = Some(key.created_at))
}

/// Resets the sandbox with another key.
async fn reset(api: &Api) -> impl Future<Output = ()> + Send + 'static {
    let (router, key) = (api.router.clone(), api.add_key(Environment::Test, Preset::Full).await);
    async move {
        let request = request("POST", "/partner/v1/test/reset", &key).body(Body::empty()).expect("a request");
        assert_eq!(router.oneshot(request).await.expect("the router never fails").status(), 200);
    }
}

/// Orders of the partner that are there.
async fn placed(api: &Api) -> usize {
    api.get(ORDERS).await.is(200).data().as_array().expect("rows").len()
}

#[tokio::test]
async fn a_key_that_is_revoked_while_the_body_comes_does_nothing() {
    let api = Api::start().await;
    for (method, path, ..) in CALLS.iter().filter(|(method, ..)| *method != "GET") {
        let key = api.add_key(Environment::Test, Preset::Full).await;
        let path = format!("/partner/v1{path}");
        held(&api, &key, (method, &path), &json!({}), revoke(&api, &key)).await.refuses(401, "unauthorized");
    }
    let (key, body) = (api.add_key(Environment::Test, Preset::Full).await, order(&api.small_bundle().await));
    let confirmed = api.names.confirmations();
    held(&api, &key, ("POST", ORDERS), &body, revoke(&api, &key)).await.refuses(401, "unauthorized");
    assert_eq!((placed(&api).await, api.names.confirmations()), (0, confirmed), "nobody was even asked");
    // Nor is it told what it was told before.
    let key = api.add_key(Environment::Test, Preset::Full).await;
    api.json_as(&key, "POST", ORDERS, &body).await.is(200);
    held(&api, &key, ("POST", ORDERS), &body, revoke(&api, &key)).await.refuses(401, "unauthorized");
}

#[tokio::test]
async fn a_key_that_is_revoked_while_the_registrar_is_asked_buys_nothing() {
    let api = Api::start().await;
    let (body, nudges) = (order(&api.small_bundle().await), api.nudges());
    for path in [ORDERS, "/partner/v1/orders/quote"] {
        let key = api.add_key(Environment::Test, Preset::Full).await;
        api.names.meanwhile(revoke(&api, &key));
        api.json_as(&key, "POST", path, &body).await.refuses(401, "unauthorized");
    }
    assert_eq!((placed(&api).await, api.nudges()), (0, nudges));
    assert_eq!(api.get("/partner/v1/events").await.is(200).data(), &json!([]));
}

#[tokio::test]
async fn a_key_that_may_spend_less_meanwhile_spends_less() {
    let api = Api::start().await;
    let body = order(&api.small_bundle().await);
    let key = api.add_key(Environment::Test, Preset::Full).await;
    let limit = |key: &mut ApiKey| key.spend_limit_cents = Some(6_799);
    api.names.meanwhile(set(api.store.clone(), api.ids.clone(), key.clone(), limit));
    api.json_as(&key, "POST", ORDERS, &body).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(placed(&api).await, 0);
}

#[tokio::test]
async fn a_sandbox_that_is_reset_meanwhile_is_not_written_into() {
    let api = Api::start().await;
    let body = order(&api.small_bundle().await);
    let refusal = |reply: Reply| {
        let error = reply.refuses(409, "conflict");
        assert_eq!(error["details"]["reason"], "sandbox_reset");
    };
    refusal(held(&api, &api.key, ("POST", ORDERS), &body, reset(&api).await).await);
    let licences = {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove("bundle_id");
        body["google_licenses"] = json!(2);
        body["microsoft_licenses"] = json!(1);
        body
    };
    api.names.meanwhile(reset(&api).await);
    refusal(api.post(ORDERS, &licences).await);
    assert_eq!(placed(&api).await, 0);
    for (path, body) in [("/test/clock/advance", json!({ "seconds": 60 })), ("/bundles", json!({}))] {
        refusal(held(&api, &api.key, ("POST", &format!("/partner/v1{path}")), &body, reset(&api).await).await);
    }
    api.post(ORDERS, &licences).await.is(200);
    // Whoever begins anew begins anew, whoever did so meanwhile.
    held(&api, &api.key, ("POST", "/partner/v1/test/reset"), &json!({}), reset(&api).await).await.is(200);
    assert_eq!(placed(&api).await, 0);
}

fn numbered(bundle: &str, n: usize) -> Value {
    let mut body = order(bundle);
    body["domains"] = json!([format!("a{n}.com"), format!("b{n}.com")]);
    body
}

#[tokio::test]
async fn an_order_is_booked_in_the_month_in_which_it_is_decided() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.limit_partner(Some(6_800)).await;
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
    api.clock.set(Time::parse("2026-05-31T23:59:59Z").unwrap());
    let (clock, june) = (api.clock.clone(), "2026-06-01T00:00:00Z");
    let next = async { clock.advance(SECOND) };
    let receipt = held(&api, &api.key, ("POST", ORDERS), &numbered(&bundle, 2), next).await.is(200);
    assert_eq!(receipt.data()["created_at"], june);
    let spend = api.get("/partner/v1/me").await.is(200).data()["partner"]["spend"].clone();
    assert_eq!(spend, json!({ "limit_cents": 6_800, "spent_cents": 6_800 }));
    api.post(ORDERS, &numbered(&bundle, 3)).await.refuses(402, "spend_limit_exceeded");

    api.clock.set(Time::parse("2026-06-30T23:59:59Z").unwrap());
    let clock = api.clock.clone();
    api.names.meanwhile(async move { clock.advance(SECOND) });
    let receipt = api.post(ORDERS, &numbered(&bundle, 3)).await.is(200);
    assert_eq!(receipt.data()["created_at"], "2026-07-01T00:00:00Z");
}

#[tokio::test]
async fn what_is_written_has_the_time_of_the_clock_as_it_was_moved_meanwhile() {
    let api = Api::start().await;
    let bundle = json!({ "name": "Small", "monthly_sending_volume": 880 });
    let days = json!({ "seconds": 40 * DAY / SECOND });
    let moved = async { drop(api.post("/partner/v1/test/clock/advance", &days).await.is(200)) };
    let made = held(&api, &api.key, ("POST", "/partner/v1/bundles"), &bundle, moved).await.is(201);
    assert_eq!(made.data()["created_at"], "2026-06-17T12:00:00Z", "40 days after {NOON}");
}

#[tokio::test]
async fn whoever_loses_its_key_while_it_watches_an_import_is_told_nothing() {
    let patient = api::Settings { import_wait: std::time::Duration::from_secs(3_600), ..settings() };
    let api = Api::with(patient).await;
    let body = json!({ "domains": ["acme.com"] });
    let (reply, ()) = tokio::join!(api.post("/partner/v1/domains/import", &body), async {
        revoke(&api, &api.key).await;
        api.stop.cancel();
    });
    reply.refuses(401, "unauthorized");
}
