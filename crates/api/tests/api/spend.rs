//! Monthly spend limits of keys and partners.

use model::clock::{Clock as _, DAY, SECOND, Time};
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};

use crate::support::{Api, order, with};

const ORDERS: &str = "/partner/v1/orders";
const QUOTE: &str = "/partner/v1/orders/quote";
const ME: &str = "/partner/v1/me";

/// The published order, 6800 cents, for names of its own.
fn numbered(bundle: &str, n: usize) -> Value {
    with(&order(bundle), &[("domains", json!([format!("a{n}.com"), format!("b{n}.com")]))])
}

async fn limited_key(api: &Api, cents: i64) -> String {
    let limit = |key: &mut model::partner::ApiKey| key.spend_limit_cents = Some(cents);
    api.add_key_of(&api.partner, Environment::Test, Preset::Full, limit).await
}

#[tokio::test]
async fn a_partners_limit_counts_all_of_its_keys() {
    let api = Api::start().await;
    let (bundle, other) = (api.small_bundle().await, api.add_key(Environment::Test, Preset::Full).await);
    api.limit_partner(Some(15_000)).await;
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
    api.json_as(&other, "POST", ORDERS, &numbered(&bundle, 2)).await.is(200);
    let nudges = api.nudges();
    let error = api.post(ORDERS, &numbered(&bundle, 3)).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(
        error["details"],
        json!({ "limit_cents": 15_000, "spent_cents": 13_600, "order_cents": 6_800, "scope": "partner" })
    );
    assert_eq!(error.get("field"), None);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("wait until 2026-06-01, or ask the operator"), "{message}");
    assert_eq!(api.nudges(), nudges);
    assert_eq!(api.get(ORDERS).await.is(200).data().as_array().unwrap().len(), 2);

    api.limit_partner(Some(20_400)).await;
    api.post(ORDERS, &numbered(&bundle, 3)).await.is(200);
    api.limit_partner(None).await;
    api.post(ORDERS, &numbered(&bundle, 4)).await.is(200);
}

#[tokio::test]
async fn a_keys_limit_counts_its_own_orders() {
    let api = Api::start().await;
    let (bundle, key) = (api.small_bundle().await, limited_key(&api, 6_800).await);
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
    api.json_as(&key, "POST", ORDERS, &numbered(&bundle, 2)).await.is(200);
    let error = api.json_as(&key, "POST", ORDERS, &numbered(&bundle, 3)).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(
        error["details"],
        json!({ "limit_cents": 6_800, "spent_cents": 6_800, "order_cents": 6_800, "scope": "key" })
    );
    api.post(ORDERS, &numbered(&bundle, 3)).await.is(200);
    // What was accepted before is still told again.
    let again = api.json_as(&key, "POST", ORDERS, &numbered(&bundle, 2)).await.is(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn both_limits_and_the_other_faults_of_the_stage_are_told_together() {
    let api = Api::start().await;
    let (bundle, key) = (api.small_bundle().await, limited_key(&api, 5_000).await);
    api.limit_partner(Some(4_000)).await;
    let body = with(&numbered(&bundle, 1), &[("max_total_cents", json!(100))]);
    let error = api.json_as(&key, "POST", ORDERS, &body).await.refuses(409, "price_changed");
    let codes = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["price_changed", "spend_limit_exceeded", "spend_limit_exceeded"];
    assert_eq!(codes(&error["details"]["errors"]), expected);
    let quote = api.json_as(&key, "POST", QUOTE, &body).await.is(200);
    assert_eq!(codes(&quote.data()["problems"]), expected);
    assert_eq!(quote.data()["problems"][1]["details"]["scope"], "key");
    assert_eq!(quote.data()["problems"][2]["details"]["limit_cents"], 4_000);
}

#[tokio::test]
async fn months_are_counted_each_by_itself() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.limit_partner(Some(6_800)).await;
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
    api.clock.set(Time::parse("2026-05-31T23:59:59Z").unwrap());
    api.post(ORDERS, &numbered(&bundle, 2)).await.refuses(402, "spend_limit_exceeded");
    api.clock.advance(SECOND);
    api.post(ORDERS, &numbered(&bundle, 2)).await.is(200);
    api.post(ORDERS, &numbered(&bundle, 3)).await.refuses(402, "spend_limit_exceeded");
    // A later limit looks at what was booked before it was set.
    api.clock.set(Time::parse("2026-07-01T00:00:00Z").unwrap());
    api.limit_partner(None).await;
    api.post(ORDERS, &numbered(&bundle, 3)).await.is(200);
    api.limit_partner(Some(6_799)).await;
    api.post(ORDERS, &numbered(&bundle, 4)).await.refuses(402, "spend_limit_exceeded");
}

#[tokio::test]
async fn months_are_those_of_the_partners_own_clock() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.limit_partner(Some(6_800)).await;
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
    let mut db = api.store.read().await.unwrap();
    let partner = store::partners::get(&mut db, &api.partner).await.unwrap().unwrap();
    drop(db);
    let mut change = model::change::Change::default();
    change.partners.update.push(model::partner::Partner { test_offset: 30 * DAY, ..partner });
    api.write(change).await;
    assert!(api.clock.now() < Time::parse("2026-06-01T00:00:00Z").unwrap());
    api.post(ORDERS, &numbered(&bundle, 2)).await.is(200);
}

#[tokio::test]
async fn worlds_and_partners_do_not_count_against_each_other() {
    let mut api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.limit_partner(Some(6_800)).await;
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let me = api.get_as(&live, ME).await.is(200);
    assert_eq!(me.data()["partner"]["spend"], json!({ "limit_cents": 6_800, "spent_cents": 0 }));
    api.partner = api.add_partner("Other Resellers").await;
    api.key = api.add_key(Environment::Test, Preset::Full).await;
    api.limit_partner(Some(6_800)).await;
    let bundle = api.small_bundle().await;
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
}

#[tokio::test]
async fn me_shows_limits_and_what_is_spent() {
    let api = Api::start().await;
    let (bundle, key) = (api.small_bundle().await, limited_key(&api, 50_000).await);
    let me = api.get(ME).await.is(200);
    assert_eq!((&me.data()["api_key"]["spend"], &me.data()["partner"]["spend"]), (&Value::Null, &Value::Null));
    api.limit_partner(Some(90_000)).await;
    api.post(ORDERS, &numbered(&bundle, 1)).await.is(200);
    api.json_as(&key, "POST", ORDERS, &numbered(&bundle, 2)).await.is(200);
    let me = api.get_as(&key, ME).await.is(200);
    assert_eq!(me.data()["api_key"]["spend"], json!({ "limit_cents": 50_000, "spent_cents": 6_800 }));
    assert_eq!(me.data()["partner"]["spend"], json!({ "limit_cents": 90_000, "spent_cents": 13_600 }));
}
