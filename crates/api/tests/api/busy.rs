//! More is waiting than the server takes.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::partner::Preset;
use model::world::Environment;
use serde_json::json;
use store::{Kind, on_behalf_of};
use tokio::sync::Notify;

use crate::support::Api;

/// A write of the partner stands still while the requests are sent that this answers.
async fn while_a_write_waits(api: &Api, requests: impl AsyncFnOnce()) {
    let (entered, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, waits) = (entered.clone(), gate.clone());
    let writing = api.store.write(move |_| {
        let (inside, waits) = (inside.clone(), waits.clone());
        async move {
            inside.notify_one();
            waits.notified().await;
            Ok(())
        }
        .boxed()
    });
    let held = on_behalf_of(Kind::Request, Some((&api.partner, Environment::Test)), writing);
    let sending = async {
        entered.notified().await;
        requests().await;
        gate.notify_one();
    };
    tokio::join!(held, sending).0.expect("it is written in the end");
}

#[tokio::test]
async fn past_the_bound_a_request_is_refused_before_its_body_is_read() {
    proves!("error busy");
    let api = Api::holding(8, 1).await;
    let other = api.add_partner("Other").await;
    let theirs = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    while_a_write_waits(&api, async || {
        let reply = api.post("/partner/v1/orders", &json!({ "nothing": "right" })).await;
        assert_eq!(reply.header("retry-after"), Some("1"));
        assert_eq!(reply.header("ratelimit"), None, "it is not charged");
        let error = reply.refuses(503, "busy");
        assert_eq!(error["details"]["retry_after_seconds"], 1);
        // Who only reads, and whoever else writes, is let in: this one is told what is wrong with the body.
        api.get("/partner/v1/me").await.is(200);
        let refused = api.json_as(&theirs, "POST", "/partner/v1/bundles", &json!({ "nothing": "right" })).await;
        refused.refuses(400, "invalid_request");
    })
    .await;
    api.small_bundle().await;
}

#[tokio::test]
async fn when_all_places_are_taken_not_even_the_key_is_looked_at() {
    let api = Api::holding(1, 1).await;
    while_a_write_waits(&api, async || {
        api.json_as("pk_test_nobody", "POST", "/partner/v1/orders", &json!({})).await.refuses(503, "busy");
        api.json_as("pk_test_nobody", "GET", "/partner/v1/me", &json!({})).await.refuses(401, "unauthorized");
    })
    .await;
}
