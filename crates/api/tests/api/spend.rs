//! Monthly spend limits of keys and partners.

use model::action::{Action, ActionReason};
use model::change::Change;
use model::clock::{Clock as _, DAY, SECOND, Time};
use model::domain::{Domain, DomainStatus};
use model::id::{Id as _, OrderId};
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
    proves!("error spend_limit_exceeded");
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

const SWAPS: &str = "/partner/v1/swaps";

/// An order of 6800 cents whose two domains are what they are said to be.
async fn with_domains(api: &Api, key: &str, status: DomainStatus) -> Vec<Domain> {
    let bundle = api.small_bundle().await;
    let id = api.json_as(key, "POST", ORDERS, &numbered(&bundle, 1)).await.is(200).data()["id"].clone();
    let id = OrderId::opaque(id.as_str().expect("an id"));
    let of_order = async || {
        let mut db = api.store.read().await.expect("the store can be read");
        store::domains::of_order(&mut db, &id).await.expect("domains can be read")
    };
    let mut change = Change::default();
    change.domains.update.extend(of_order().await.into_iter().map(|row| Domain { status, ..row }));
    api.write(change).await;
    of_order().await
}

fn swap(domain: &Domain) -> Value {
    json!({ "domain_id": domain.id.to_string(), "replacement_domain": "acme-post.com" })
}

fn over(limit: i64, spent: i64, cost: i64, scope: &str) -> Value {
    json!({ "limit_cents": limit, "spent_cents": spent, "order_cents": cost, "scope": scope })
}

#[tokio::test]
async fn a_swap_counts_against_the_limits_of_the_partner() {
    let api = Api::start().await;
    let rows = with_domains(&api, &api.key, DomainStatus::Active).await;
    let (confirmed, nudges) = (api.names.confirmations(), api.nudges());
    api.limit_partner(Some(8_099)).await;
    let error = api.post(SWAPS, &swap(&rows[0])).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(error["details"], over(8_099, 6_800, 1_300, "partner"));
    assert_eq!((api.get(SWAPS).await.is(200).data(), api.nudges()), (&json!([]), nudges));
    api.limit_partner(Some(8_100)).await;
    api.post(SWAPS, &swap(&rows[0])).await.is(201);
    assert_eq!(api.names.confirmations(), confirmed + 2);
    // The same again is told again, whatever the limit is.
    api.limit_partner(Some(0)).await;
    let again = api.post(SWAPS, &swap(&rows[0])).await.is(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    // A name that cannot be had yet costs nothing yet.
    let later = with(&swap(&rows[1]), &[("replacement_domain", json!("taken-post.com"))]);
    api.post(SWAPS, &later).await.is(201);
}

#[tokio::test]
async fn nobody_is_asked_about_a_swap_without_a_limit() {
    let api = Api::start().await;
    let rows = with_domains(&api, &api.key, DomainStatus::Active).await;
    let confirmed = api.names.confirmations();
    api.post(SWAPS, &swap(&rows[0])).await.is(201);
    assert_eq!(api.names.confirmations(), confirmed);
}

#[tokio::test]
async fn a_swap_counts_against_the_key_that_asks_and_that_of_the_order() {
    let api = Api::start().await;
    let (full, none) = (limited_key(&api, 6_800).await, limited_key(&api, 0).await);
    let rows = with_domains(&api, &full, DomainStatus::Active).await;
    let error = api.json_as(&full, "POST", SWAPS, &swap(&rows[0])).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(error["details"], over(6_800, 6_800, 1_300, "key"));
    assert!(error["message"].as_str().unwrap().starts_with("This key may spend"), "{error}");
    // Its lines count against the key that the order was placed with, whoever asks.
    let error = api.post(SWAPS, &swap(&rows[0])).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(error["details"], over(6_800, 6_800, 1_300, "key"));
    assert!(error["message"].as_str().unwrap().starts_with("The key that the order was placed with"), "{error}");
    let error = api.json_as(&none, "POST", SWAPS, &swap(&rows[0])).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(error["details"]["errors"].as_array().unwrap().len(), 2);
    // The one that asks leads.
    assert_eq!((&error["details"]["limit_cents"], &error["details"]["spent_cents"]), (&json!(0), &json!(0)));
}

/// An open question about a name that cannot be had as it was ordered.
pub(crate) async fn asked(api: &Api, domain: &Domain, reason: ActionReason) -> String {
    let action = Action {
        id: api.ids.next(),
        partner: domain.partner.clone(),
        world: domain.world.clone(),
        reason,
        open: true,
        order: domain.order.clone(),
        domain: domain.id.clone(),
        domain_name: domain.name.to_string(),
        user: domain.user.clone(),
        persona: None,
        message: reason.sentence().to_owned(),
        created_at: api.clock.now(),
        resolved_at: None,
        run: None,
        answered: None,
        version: 1,
    };
    let path = format!("{ORDERS}/pending/{}/resolve", action.id);
    let mut change = Change::default();
    change.actions.insert.push(action);
    api.write(change).await;
    path
}

#[tokio::test]
async fn a_replacement_and_a_higher_price_count_against_the_limits() {
    let api = Api::start().await;
    let key = limited_key(&api, 8_000).await;
    let rows = with_domains(&api, &key, DomainStatus::ActionRequired).await;
    let taken = asked(&api, &rows[1], ActionReason::NameTaken).await;
    let instead = json!({ "replacement_domain": "acme-instead.com" });
    // The old name's part is credited when its step has looked that it was not bought after all.
    let part = 1_300 + rows[1].licenses * 600;
    let error = api.json_as(&key, "POST", &taken, &instead).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(error["details"], over(8_000, 6_800, part, "key"));
    api.limit_partner(Some(6_800)).await;
    let error = api.json_as(&key, "POST", &taken, &instead).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(error["details"]["errors"].as_array().unwrap().len(), 2);
    api.limit_partner(None).await;

    let dearer = asked(&api, &rows[0], ActionReason::PriceChanged).await;
    let raised = json!({ "max_total_cents": 1_000_000 });
    api.names.price(rows[0].name.as_str(), 2_501);
    let error = api.json_as(&key, "POST", &dearer, &raised).await.refuses(402, "spend_limit_exceeded");
    assert_eq!(error["details"], over(8_000, 6_800, 1_201, "key"));
    api.names.price(rows[0].name.as_str(), 2_500);
    api.json_as(&key, "POST", &dearer, &raised).await.is(200);
    // Whatever costs nothing is answered at the limit too.
    api.json_as(&key, "POST", &taken, &instead).await.refuses(402, "spend_limit_exceeded");
    api.json_as(&key, "POST", &taken, &json!({ "give_up": true })).await.is(200);
}
