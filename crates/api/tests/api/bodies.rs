//! Whatever is sent, the answer is in the envelope and never our fault.

use axum::body::Body;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::support::{Api, order, request};

const CALLS: &[(&str, &str)] = &[
    ("POST", "/partner/v1/bundles"),
    ("PATCH", "/partner/v1/bundles/bun_1"),
    ("DELETE", "/partner/v1/bundles/bun_1"),
    ("POST", "/partner/v1/domains/availability"),
    ("POST", "/partner/v1/orders/quote"),
    ("POST", "/partner/v1/orders"),
];

/// Names that our bodies have, so that the readers behind them are reached.
const NAMES: &[&str] = &[
    "name",
    "monthly_sending_volume",
    "google_percent",
    "microsoft_percent",
    "send_on_weekends",
    "google_inboxes_per_domain",
    "domains",
    "domain",
    "user",
    "bundle_id",
    "google_licenses",
    "microsoft_licenses",
    "sequencer",
    "provider",
    "client_id",
    "login_email",
    "login_password",
    "api_key",
    "personas",
    "first_name",
    "last_name",
    "profile_picture_url",
    "forwarding_url",
    "max_total_cents",
    "reference",
    "metadata",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3..120_i64).prop_map(Value::from),
        ".*".prop_map(Value::from),
        select(vec![
            "a.com",
            "b.com",
            "alex@acme.com",
            "smartlead",
            "google",
            "https://acme.com",
            "usr_1",
            "bun_1",
            ""
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = prop_oneof![8 => select(NAMES).prop_map(str::to_owned), 1 => ".*"];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(name, inner, 0..8).prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A good order with one value replaced, so that faults deep inside come up.
fn nearly_an_order(bundle: &str) -> impl Strategy<Value = Value> + use<> {
    let good = order(bundle);
    let places = [
        "/user",
        "/sequencer/client_id",
        "/sequencer",
        "/domains/0",
        "/domains",
        "/personas/0/first_name",
        "/metadata",
    ];
    (select(places.to_vec()), any_json()).prop_map(move |(place, value)| {
        let mut body = good.clone();
        body["metadata"] = json!({});
        *body.pointer_mut(place).expect("a field of the order") = value;
        body
    })
}

fn try_all(cases: u32, strategy: impl Strategy<Value = Value>, api: &Api, runtime: &tokio::runtime::Runtime) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let tried = runner.run(&strategy, |body| {
        for (method, path) in CALLS {
            let reply = runtime.block_on(api.json(method, path, &body));
            prop_assert!(reply.status < 500, "{method} {path}: {}", reply.json);
        }
        Ok(())
    });
    tried.expect("every body is answered");
}

#[test]
fn any_json_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let api = runtime.block_on(Api::start());
    let bundle = runtime.block_on(api.small_bundle());
    try_all(200, any_json(), &api, &runtime);
    try_all(200, nearly_an_order(&bundle), &api, &runtime);
}

#[test]
fn any_bytes_are_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let api = runtime.block_on(Api::start());
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let tried = runner.run(&vec(any::<u8>(), 0..200), |bytes| {
        for (method, path) in CALLS {
            let builder = request(method, path, &api.key).header("Content-Type", "application/json");
            let reply = runtime.block_on(api.send(builder.body(Body::from(bytes.clone())).unwrap()));
            prop_assert!(reply.status < 500, "{method} {path}: {}", reply.json);
        }
        Ok(())
    });
    tried.unwrap();
}

#[test]
fn any_query_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let api = runtime.block_on(Api::start());
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let names = select(vec!["status", "per_page", "page_token", "type", "user_id", "created_after", "reference", "x"]);
    let tried = runner.run(&vec((names, "[!-~&&[^#]]{0,20}"), 0..4), |pairs| {
        let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        for path in ["bundles", "orders", "events"] {
            let uri = format!("/partner/v1/{path}?{}", query.join("&"));
            if uri.parse::<axum::http::Uri>().is_ok() {
                let reply = runtime.block_on(api.get(&uri));
                prop_assert!(reply.status < 500, "{uri}: {}", reply.json);
            }
        }
        Ok(())
    });
    tried.unwrap();
}
