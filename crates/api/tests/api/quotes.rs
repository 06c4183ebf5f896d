//! What an order would cost.

use model::change::Change;
use model::clock::{MINUTE, SECOND};
use model::id::{Id, QuoteId};
use model::money::PriceBook;
use model::partner::Preset;
use model::quote::{MOST_KEPT, Quote};
use model::world::Environment;
use serde_json::{Value, json};
use store::quotes;

use crate::support::{Api, order, settings, with, without};

const PATH: &str = "/partner/v1/orders/quote";
const ORDERS: &str = "/partner/v1/orders";

fn codes(quote: &Value) -> Vec<(&str, &str)> {
    let problems = quote["problems"].as_array().expect("a list");
    problems
        .iter()
        .map(|one| (one["code"].as_str().expect("a code"), one["field"].as_str().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn size_and_names_are_enough() {
    proves!("POST /orders/quote", "Quote", "QuoteCosts", "Assignment", "LineItem");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = json!({ "bundle_id": bundle, "domains": ["acme-mail.com", "team-acme.com"] });
    let reply = api.post(PATH, &body).await.is(200);
    let id = reply.data()["id"].as_str().unwrap();
    assert_eq!(
        *reply.data(),
        json!({
            "id": id,
            "costs": {
                "total_cents": 6800,
                "currency": "usd",
                "line_items": [
                    { "type": "domain_registration", "quantity": 2, "unit_cents": 1300, "amount_cents": 2600, "period": null },
                    { "type": "google_license", "quantity": 2, "unit_cents": 600, "amount_cents": 1200, "period": "2026-05-08" },
                    { "type": "microsoft_license", "quantity": 1, "unit_cents": 3000, "amount_cents": 3000, "period": "2026-05-08" }
                ]
            },
            "monthly_cents": 4200,
            "assignment": [
                { "domain": "acme-mail.com", "provider": "microsoft" },
                { "domain": "team-acme.com", "provider": "google" }
            ],
            "problems": [],
            "expires_at": "2026-05-08T12:15:00Z"
        })
    );
    let mut db = api.store.read().await.unwrap();
    let scope = api.scope();
    let kept = quotes::get(&mut db, &scope, &QuoteId::opaque(id)).await.unwrap().unwrap();
    assert_eq!(kept.total_cents, 6800);
    assert_eq!(kept.names.len(), 2);
    assert_eq!(api.names.confirmations(), 0);
    assert_eq!(api.nudges(), 0);
}

#[tokio::test]
async fn a_quote_and_its_order_cost_the_same() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let quote = api.post(PATH, &order(&bundle)).await.is(200);
    assert_eq!(quote.data()["problems"], json!([]));
    let id = api.post("/partner/v1/orders", &order(&bundle)).await.is(200).data()["id"].clone();
    let placed = api.get(&format!("/partner/v1/orders/{}", id.as_str().unwrap())).await.is(200);
    assert_eq!(placed.data()["costs"]["line_items"], quote.data()["costs"]["line_items"]);
    for (domain, assigned) in
        placed.data()["domains"].as_array().unwrap().iter().zip(quote.data()["assignment"].as_array().unwrap())
    {
        assert_eq!((&domain["domain"], &domain["provider"]), (&assigned["domain"], &assigned["provider"]));
    }
}

#[tokio::test]
async fn the_problems_of_all_stages_are_listed() {
    proves!("Problem");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = with(
        &order(&bundle),
        &[
            ("user", json!("usr_nobody")),
            ("forwarding_url", json!("http://localhost")),
            ("domains", json!(["taken-a.com", "premium-b.com", "c.com"])),
            ("max_total_cents", json!(100)),
        ],
    );
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(
        codes(reply.data()),
        [
            ("invalid_request", "forwarding_url"),
            ("not_found", "user"),
            ("domain_count_mismatch", "domains"),
            ("domain_unavailable", "domains[0]"),
            ("price_changed", "max_total_cents"),
        ]
    );
    let told = |one: &Value| one["message"].as_str().is_some_and(|text| text.ends_with('.'));
    assert!(reply.data()["problems"].as_array().unwrap().iter().all(told), "{}", reply.json);
    assert_eq!(reply.data()["assignment"], json!([]));
    assert_eq!(reply.data()["costs"]["total_cents"], 1300 + 4200);
    let details = &reply.data()["problems"][3]["details"]["domains"];
    assert_eq!(
        *details,
        json!([{ "domain": "taken-a.com", "reason": "taken" }, { "domain": "premium-b.com", "reason": "premium" }])
    );
}

#[tokio::test]
async fn names_that_are_none_are_problems_too() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = json!({ "bundle_id": bundle, "domains": ["acme.com", "not a name"] });
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(codes(reply.data()), [("invalid_request", "domains[1]")]);
    let body = json!({ "bundle_id": "bun_none", "domains": ["acme.com"] });
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(codes(reply.data()), [("not_found", "bundle_id")]);
    assert_eq!(reply.data()["costs"]["total_cents"], 1300);
    let body = json!({ "bundle_id": bundle, "domains": ["team-a.com", "team-b.com"] });
    assert_eq!(codes(api.post(PATH, &body).await.is(200).data()), [("domain_provider_mismatch", "domains")]);
}

#[tokio::test]
async fn without_size_or_names_there_is_no_quote() {
    let api = Api::start().await;
    let names = json!(["acme.com"]);
    api.post(PATH, &json!({ "domains": names })).await.refuses(400, "order_shape_conflict");
    let both = json!({ "domains": names, "bundle_id": "bun_1", "google_licenses": 2 });
    api.post(PATH, &both).await.refuses(400, "order_shape_conflict");
    api.post(PATH, &json!({ "bundle_id": "bun_1" })).await.refuses_field("domains");
    api.post(PATH, &json!({ "bundle_id": "bun_1", "domains": names, "users": [] })).await.refuses_field("users");
    api.post(PATH, &json!({ "google_licenses": 1.5, "domains": names })).await.refuses_field("google_licenses");
}

#[tokio::test]
async fn licences_are_quoted_without_a_bundle() {
    let api = Api::start().await;
    let body = json!({ "google_licenses": 5, "google_inboxes_per_domain": 3, "domains": ["a.com", "b.com"] });
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(reply.data()["problems"], json!([]));
    assert_eq!(reply.data()["monthly_cents"], 3000);
    assert_eq!(reply.data()["costs"]["total_cents"], 5600);
}

#[tokio::test]
async fn a_login_may_be_left_out_and_is_checked_when_it_is_there() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = with(&order(&bundle), &[("sequencer", json!({ "provider": "smartlead", "client_id": "366903" }))]);
    assert_eq!(api.post(PATH, &body).await.is(200).data()["problems"], json!([]));
    let login = json!({ "provider": "smartlead", "login_email": "nobody", "login_password": "" });
    let body = with(&order(&bundle), &[("sequencer", login)]);
    assert_eq!(
        codes(api.post(PATH, &body).await.is(200).data()),
        [("invalid_request", "sequencer.login_email"), ("invalid_request", "sequencer.login_password")]
    );
    let incomplete = with(&order(&bundle), &[("sequencer", json!({ "provider": "smartlead" }))]);
    api.post(ORDERS, &incomplete).await.refuses_field("sequencer.login_email");
}

#[tokio::test]
async fn a_client_may_be_sent_as_a_number_its_digits_or_nothing() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    for (client, taken) in [
        (json!(366_903), true),
        (json!("366903"), true),
        (json!("999999999999999"), true),
        (json!((1_i64 << 53) - 1), true),
        (json!(""), true),
        (json!(null), true),
        (json!(1_i64 << 53), false),
        (json!("1000000000000000"), false),
        (json!("-1"), false),
        (json!(-1), false),
        (json!("x"), false),
        (json!(1.5), false),
    ] {
        let body = with(&order(&bundle), &[("sequencer", json!({ "provider": "smartlead", "client_id": client }))]);
        let problems = api.post(PATH, &body).await.is(200).data()["problems"].clone();
        assert_eq!(problems == json!([]), taken, "{client}: {problems}");
    }
}

#[tokio::test]
async fn where_unknown_fields_are_ignored_the_order_would_still_refuse_them() {
    let api = Api::with(api::Settings { ignore_unknown_fields: true, ..settings() }).await;
    let bundle = api.small_bundle().await;
    let body = with(&order(&bundle), &[("referense", json!("A-1042"))]);
    let quote = api.post(PATH, &body).await.is(200);
    assert_eq!(codes(quote.data()), [("invalid_request", "referense")]);
    assert_eq!(quote.data()["assignment"].as_array().unwrap().len(), 2);
    api.post(ORDERS, &body).await.refuses_field("referense");
    api.post(PATH, &with(&without(&body, "domains"), &[])).await.refuses_field("domains");
}

#[tokio::test]
async fn problems_stand_where_the_body_has_them() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let names = json!(["not a name", "taken-a.com", { "domain": "team-b.com", "provider": "microsoft" }]);
    let quote = api.post(PATH, &json!({ "bundle_id": bundle, "domains": names })).await.is(200);
    assert_eq!(
        codes(quote.data()),
        [
            ("invalid_request", "domains[0]"),
            ("domain_unavailable", "domains[1]"),
            ("domain_provider_mismatch", "domains[2].provider")
        ]
    );
}

/// The quote of the published order, and that order with its id.
async fn quoted(api: &Api) -> (String, Value) {
    let bundle = api.small_bundle().await;
    let quote = api.post(PATH, &order(&bundle)).await.is(200);
    let id = quote.data()["id"].as_str().expect("an id").to_owned();
    let body = with(&order(&bundle), &[("quote_id", json!(id))]);
    (id, body)
}

async fn placed(api: &Api, body: &Value) -> Value {
    let id = api.post(ORDERS, body).await.is(200).data()["id"].as_str().expect("an id").to_owned();
    api.get(&format!("{ORDERS}/{id}")).await.is(200).data().clone()
}

#[tokio::test]
async fn an_order_has_the_prices_and_the_assignment_of_its_quote() {
    let mut api = Api::start().await;
    let (_, body) = quoted(&api).await;
    let book = PriceBook { google_license_cents: 9_000, domain_margin_cents: 700, ..PriceBook::default() };
    api.configure(settings(), book);
    api.names.price("acme-mail.com", 2_500);
    api.clock.advance(15 * MINUTE - 1);
    let mut body = with(&body, &[("max_total_cents", json!(6_800))]);
    body["domains"].as_array_mut().unwrap().reverse();
    let order = placed(&api, &body).await;
    assert_eq!(order["costs"]["total_cents"], 6_800);
    assert_eq!(order["costs"]["charged_cents"], 6_800);
    let told: Vec<_> =
        order["domains"].as_array().unwrap().iter().map(|one| (&one["domain"], &one["provider"])).collect();
    assert_eq!(told, [(&json!("team-acme.com"), &json!("google")), (&json!("acme-mail.com"), &json!("microsoft"))]);
    let scope = api.scope();
    let names = [model::domain::DomainName::stored("acme-mail.com")];
    let held = store::domains::holders(&mut api.store.read().await.unwrap(), &scope.world, &names).await.unwrap();
    assert_eq!((held[0].price_cents, held[0].cost_cents), (1_300, 2_500));
}

#[tokio::test]
async fn after_the_window_the_same_total_is_taken_and_another_refused() {
    let api = Api::start().await;
    let (id, body) = quoted(&api).await;
    api.clock.advance(15 * MINUTE);
    api.names.price("acme-mail.com", 1_301);
    let error = api.post(ORDERS, &body).await.refuses(409, "price_changed");
    assert_eq!(error["field"], "quote_id");
    assert_eq!(error["details"], json!({ "expected_cents": 6_800, "actual_cents": 6_801 }));
    assert!(error["message"].as_str().unwrap().contains(&format!("Quote {id} held until 2026-05-08T12:15:00Z")));
    api.names.price("team-acme.com", 1_299);
    assert_eq!(placed(&api, &body).await["costs"]["total_cents"], 6_800);
}

#[tokio::test]
async fn a_quote_is_for_its_names_and_its_size_alone() {
    let api = Api::start().await;
    let (_, body) = quoted(&api).await;
    let other = with(&body, &[("domains", json!(["acme-mail.com", "acme-other.com"]))]);
    let error = api.post(ORDERS, &other).await.refuses_field("quote_id");
    assert_eq!(error["details"], json!({ "added_domains": ["acme-other.com"], "missing_domains": ["team-acme.com"] }));
    let bundle = body["bundle_id"].as_str().unwrap();
    let larger = json!({ "google_inboxes_per_domain": 3 });
    api.json("PATCH", &format!("/partner/v1/bundles/{bundle}"), &larger).await.is(200);
    let error = api.post(ORDERS, &body).await.refuses_field("quote_id");
    assert_eq!(error["details"]["quoted_size"]["google_licenses"], 2);
    assert_eq!(error["details"]["order_size"]["google_licenses"], 3);
    assert_eq!(api.names.confirmations(), 0);
}

#[tokio::test]
async fn quotes_of_others_and_of_nobody_are_not_found() {
    let api = Api::start().await;
    let (_, body) = quoted(&api).await;
    let stranger = api.add_partner("Other Resellers").await;
    let key = api.add_key_of(&stranger, model::world::Environment::Test, model::partner::Preset::Full, |_| ()).await;
    let licences = json!({ "google_licenses": 2, "microsoft_licenses": 1 });
    let mut theirs = without(&body, "bundle_id");
    theirs.as_object_mut().unwrap().extend(licences.as_object().unwrap().clone());
    let error = api.json_as(&key, "POST", ORDERS, &theirs).await.refuses(404, "not_found");
    assert_eq!(error["field"], "quote_id");
    let unknown = with(&body, &[("quote_id", json!("quo_none"))]);
    assert_eq!(api.post(ORDERS, &unknown).await.refuses(404, "not_found")["field"], "quote_id");
    assert_eq!(codes(api.post(PATH, &unknown).await.is(200).data()), [("not_found", "quote_id")]);
    api.post(ORDERS, &theirs).await.is(200);
}

#[tokio::test]
async fn a_quoted_name_that_somebody_took_is_unavailable() {
    let api = Api::start().await;
    let (_, body) = quoted(&api).await;
    api.names.sell("team-acme.com");
    let error = api.post(ORDERS, &body).await.refuses(409, "domain_unavailable");
    assert_eq!(error["details"]["domains"], json!([{ "domain": "team-acme.com", "reason": "taken" }]));
}

#[tokio::test]
async fn a_quote_used_twice_buys_its_names_once() {
    let api = Api::start().await;
    let (_, body) = quoted(&api).await;
    let first = api.post(ORDERS, &body).await.is(200);
    let again = api.post(ORDERS, &body).await.is(200);
    assert_eq!((again.data(), again.header("idempotent-replayed")), (first.data(), Some("true")));
    let other = with(&body, &[("reference", json!("A-1042"))]);
    let error = api.post(ORDERS, &other).await.refuses(409, "domain_unavailable");
    assert_eq!(error["details"]["domains"][0]["reason"], "in_your_order");
}

#[tokio::test]
async fn a_key_has_so_many_quotes_that_hold_and_no_more() {
    let api = Api::start().await;
    let body = order(&api.small_bundle().await);
    let first = api.post(PATH, &body).await.is(200).data()["id"].as_str().unwrap().to_owned();
    let mut db = api.store.read().await.unwrap();
    let quote = quotes::get(&mut db, &api.scope(), &QuoteId::opaque(first.as_str())).await.unwrap().unwrap();
    let more = (1..MOST_KEPT).map(|_| Quote { id: api.ids.next(), ..quote.clone() }).collect();
    api.write(Change { quotes: more, ..Change::default() }).await;

    let refused = api.post(PATH, &body).await.is(429);
    assert_eq!(refused.header("retry-after"), Some("900"));
    assert_eq!(refused.refuses(429, "rate_limited")["details"]["retry_after_seconds"], 900);
    let other = api.add_key(Environment::Test, Preset::Limited).await;
    api.json_as(&other, "POST", PATH, &body).await.is(200);
    api.clock.advance(899 * SECOND);
    api.post(PATH, &body).await.is(429);
    // What the oldest promised held to its end; then it gives way.
    api.post(ORDERS, &with(&body, &[("quote_id", json!(first))])).await.is(200);
    api.clock.advance(SECOND);
    api.post(PATH, &body).await.is(200);
    assert_eq!(quotes::get(&mut db, &api.scope(), &QuoteId::opaque(first)).await.unwrap(), None);
}
