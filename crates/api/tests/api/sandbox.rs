//! The sandbox's clock, and beginning anew.

use model::money::PriceBook;
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};

use crate::support::{Api, NOON, order, settings};

const ADVANCE: &str = "/partner/v1/test/clock/advance";
const RESET: &str = "/partner/v1/test/reset";

#[tokio::test]
async fn the_clock_moves_for_this_partners_sandbox_alone() {
    proves!("POST /test/clock/advance");
    let api = Api::start().await;
    let other = api.add_partner("Other").await;
    let theirs = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let nudges = api.nudges();
    let reply = api.post(ADVANCE, &json!({ "seconds": 86_400 })).await.is(200);
    assert_eq!(reply.json, json!({ "data": { "now": "2026-05-09T12:00:00Z" } }));
    assert_eq!(api.nudges(), nudges + 1);
    let reply = api.post(ADVANCE, &json!({ "seconds": 1 })).await.is(200);
    assert_eq!(reply.data()["now"], "2026-05-09T12:00:01Z");
    let body = json!({ "name": "Small", "monthly_sending_volume": 880 });
    for (key, time) in [(&api.key, "2026-05-09T12:00:01Z"), (&theirs, NOON), (&live, NOON)] {
        let made = api.json_as(key, "POST", "/partner/v1/bundles", &body).await.is(201);
        assert_eq!(made.data()["created_at"], time);
    }
}

#[tokio::test]
async fn only_full_test_keys_may() {
    let api = Api::start().await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let limited = api.add_key(Environment::Test, Preset::Limited).await;
    for (path, body) in [(ADVANCE, json!({ "seconds": 1 })), (ADVANCE, json!({})), (RESET, json!({}))] {
        let error = api.json_as(&live, "POST", path, &body).await.refuses(403, "forbidden");
        assert!(error["message"].as_str().unwrap().contains("test key"), "{error}");
        let error = api.json_as(&limited, "POST", path, &body).await.refuses(403, "forbidden");
        assert!(error["message"].as_str().unwrap().contains("`full`"), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let api = Api::start().await;
    for value in [json!(0), json!(-1), json!(157_680_001), json!(1.5), json!("60"), Value::Null] {
        api.post(ADVANCE, &json!({ "seconds": value })).await.refuses_field("seconds");
    }
    api.post(ADVANCE, &json!({ "second": 1, "seconds": 1 })).await.refuses_field("second");
    api.post(RESET, &json!({ "seconds": 1 })).await.refuses_field("seconds");
    for _ in 0..20 {
        api.post(ADVANCE, &json!({ "seconds": 157_680_000 })).await.is(200);
    }
    let error = api.post(ADVANCE, &json!({ "seconds": 1 })).await.refuses(409, "conflict");
    assert_eq!(error["details"]["reason"], "clock_limit");
    assert_eq!(api.post(RESET, &json!({})).await.is(200).data()["now"], NOON);
    api.post(ADVANCE, &json!({ "seconds": 1 })).await.is(200);
}

#[tokio::test]
async fn a_sandbox_at_vendors_is_not_moved_in_time_and_not_begun_anew() {
    let mut api = Api::start().await;
    api.vendor_sandboxes.insert(api.partner.clone());
    api.configure(settings(), PriceBook::default());
    for (path, body) in [(ADVANCE, json!({ "seconds": 60 })), (RESET, json!({}))] {
        let error = api.post(path, &body).await.refuses(409, "conflict");
        assert_eq!(error["details"]["reason"], "vendor_sandbox");
        assert!(error["message"].as_str().unwrap().contains("its clock is theirs"), "{error}");
    }
}

#[tokio::test]
async fn a_reset_leaves_nothing_but_keys() {
    proves!("POST /test/reset");
    let api = Api::start().await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let kept = json!({ "name": "Kept", "monthly_sending_volume": 880 });
    api.json_as(&live, "POST", "/partner/v1/bundles", &kept).await.is(201);
    let mut first = None;
    for _ in 0..3 {
        let bundle = api.small_bundle().await;
        let placed = api.post("/partner/v1/orders", &order(&bundle)).await.is(200);
        assert!(placed.header("idempotent-replayed").is_none());
        assert_ne!(first.replace(placed.data()["id"].clone()), Some(placed.data()["id"].clone()));
        api.post(ADVANCE, &json!({ "seconds": 3_600 })).await.is(200);
        let reply = api.post(RESET, &json!({})).await.is(200);
        assert_eq!(reply.json, json!({ "data": { "now": NOON } }));
        let id = placed.data()["id"].as_str().unwrap();
        api.get(&format!("/partner/v1/orders/{id}")).await.refuses(404, "not_found");
        for list in ["users", "bundles", "domains", "inboxes", "orders", "events"] {
            let rows = api.get(&format!("/partner/v1/{list}")).await.is(200);
            assert_eq!(rows.json["meta"]["returned"], 0, "{list}");
        }
    }
    let mut db = api.store.read().await.unwrap();
    assert_eq!(store::tasks::count(&mut db).await.unwrap(), 0);
    assert_eq!(api.get_as(&live, "/partner/v1/bundles").await.is(200).json["meta"]["returned"], 1);
}
