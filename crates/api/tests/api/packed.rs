//! Bodies that come packed, with a byte-order mark, or with what no database takes.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{Request, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Api, Reply, order, request, with};

const BUNDLES: &str = "/partner/v1/bundles";
const ORDERS: &str = "/partner/v1/orders";

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    encoder.write_all(text).expect("it is packed");
    encoder.finish().expect("it is packed")
}

fn bundle() -> Vec<u8> {
    json!({ "name": "A", "monthly_sending_volume": 880 }).to_string().into_bytes()
}

async fn sent(api: &Api, path: &str, coding: &str, body: Vec<u8>) -> Reply {
    let builder = request("POST", path, &api.key).header("Content-Type", "application/json");
    api.send(builder.header(header::CONTENT_ENCODING, coding).body(Body::from(body)).expect("a request")).await
}

#[tokio::test]
async fn a_body_may_come_packed_by_gzip_or_not_at_all() {
    let api = Api::start().await;
    sent(&api, BUNDLES, "gzip", packed(&bundle())).await.is(201);
    sent(&api, BUNDLES, "identity", bundle()).await.is(201);
    for coding in ["br", "deflate", "zstd", "compress", "gzip, gzip"] {
        let error = sent(&api, BUNDLES, coding, packed(&bundle())).await.refuses(415, "unsupported_media_type");
        assert!(error["message"].as_str().is_some_and(|text| text.contains("Content-Encoding: gzip")), "{error}");
    }
    // Without a body there is nothing to unpack.
    let placed = api.post(ORDERS, &order(&api.small_bundle().await)).await.is(200);
    let cancel = format!("{ORDERS}/{}/cancel", placed.data()["id"].as_str().expect("an id"));
    sent(&api, &cancel, "gzip", vec![]).await.is(200);
}

#[tokio::test]
async fn a_packed_order_is_the_same_as_the_one_that_is_not() {
    let api = Api::start().await;
    let body = order(&api.small_bundle().await);
    let first = sent(&api, ORDERS, "gzip", packed(body.to_string().as_bytes())).await.is(200);
    let again = api.post(ORDERS, &body).await.is(200);
    assert_eq!((again.header("idempotent-replayed"), &again.json), (Some("true"), &first.json));
}

#[tokio::test]
async fn what_is_packed_badly_or_becomes_too_much_is_refused() {
    let api = Api::start().await;
    let whole = packed(&bundle());
    for damaged in [bundle(), whole[..whole.len() - 1].to_vec(), [&whole[..], b"x"].concat()] {
        let error = sent(&api, BUNDLES, "gzip", damaged).await.refuses(400, "invalid_request");
        assert!(error["message"].as_str().is_some_and(|text| text.contains("gzip")), "{error}");
    }
    let bomb = packed(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 17);
    sent(&api, BUNDLES, "gzip", bomb.clone()).await.refuses(413, "payload_too_large");
    // A stranger's is not even looked at.
    let strange = Request::post(BUNDLES).header(header::CONTENT_ENCODING, "gzip").body(Body::from(bomb));
    api.send(strange.expect("a request")).await.refuses(401, "unauthorized");
    let bad = packed(b"{\n \"name\": ?");
    let error = sent(&api, BUNDLES, "gzip", bad).await.refuses(400, "invalid_request");
    assert_eq!((&error["details"]["line"], &error["details"]["column"]), (&json!(2), &json!(10)));
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over() {
    let api = Api::start().await;
    let marked = |body: Vec<u8>| [b"\xef\xbb\xbf".to_vec(), body].concat();
    sent(&api, BUNDLES, "identity", marked(bundle())).await.is(201);
    sent(&api, BUNDLES, "gzip", packed(&marked(bundle()))).await.is(201);
    sent(&api, BUNDLES, "identity", marked(marked(bundle()))).await.refuses(400, "invalid_request");
    let wide: Vec<u8> = String::from_utf8(bundle()).expect("text").encode_utf16().flat_map(u16::to_le_bytes).collect();
    sent(&api, BUNDLES, "identity", wide).await.refuses(400, "invalid_request");
}

const LISTS: &[(&str, &[&str])] = &[
    ("users", &["email", "status", "page_token", "per_page"]),
    ("bundles", &["status"]),
    ("domains", &["category", "user_id", "user_email", "usable_for", "status"]),
    ("domains/import", &["domains"]),
    ("orders", &["user_id", "user_email", "bundle_id", "status", "reference", "created_after"]),
    ("orders/pending", &["order_id", "user", "domain_id", "status"]),
    ("swaps", &["user_id", "order_id", "domain_id", "status"]),
    ("inboxes", &["order_id", "domain_id", "user_id", "status", "provider", "email"]),
    ("ledger", &["order_id", "domain_id", "user_id", "kind", "after"]),
    ("events", &["type", "after"]),
    ("webhook_deliveries", &["endpoint_id", "event_id", "status"]),
];

#[tokio::test]
async fn nul_is_in_no_query_and_no_path() {
    let api = Api::start().await;
    for (list, filters) in LISTS {
        for filter in *filters {
            let reply = api.get(&format!("/partner/v1/{list}?{filter}=a%00b")).await;
            let expected = if *list == "domains/import" { 404 } else { 400 };
            assert_eq!(reply.status, expected, "{list}?{filter}: {}", reply.json);
        }
        api.get(&format!("/partner/v1/{list}/a%00b")).await.refuses(404, "not_found");
    }
}

/// The body with NUL in one of its texts, for each of them, and where it is.
fn spoilt(body: &Value, path: &str) -> Vec<(String, Value)> {
    match body {
        Value::String(text) => vec![(path.to_owned(), json!(format!("{text}\0")))],
        Value::Array(items) => (0..items.len())
            .flat_map(|n| {
                let one = spoilt(&items[n], &format!("{path}[{n}]"));
                one.into_iter().map(move |(at, value)| {
                    let mut whole = items.clone();
                    whole[n] = value;
                    (at, Value::Array(whole))
                })
            })
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| {
                let one = spoilt(field, &format!("{path}.{name}"));
                one.into_iter().map(move |(at, value)| (at, with(body, &[(name, value)])))
            })
            .collect(),
        _ => vec![],
    }
}

#[tokio::test]
async fn nul_is_in_no_text_that_is_taken() {
    let api = Api::start().await;
    let order = with(
        &order(&api.small_bundle().await),
        &[("reference", json!("A-1042")), ("metadata", json!({ "campaign": "spring" })), ("quote_id", json!("quo_1"))],
    );
    let user = json!({ "email": "a@b.com", "first_name": "A", "last_name": "B",
        "sequencer": { "provider": "smartlead", "login_email": "a@b.com", "login_password": "c", "api_key": "d" } });
    let person = json!([{ "first_name": "Kim", "last_name": "Ray", "profile_picture_url": "https://a.com/k.png",
        "addresses": ["kim"] }]);
    for (path, body) in [
        ("bundles", json!({ "name": "Small", "monthly_sending_volume": 880 })),
        ("users", user),
        ("orders/quote", order.clone()),
        ("orders", order),
        ("swaps", json!({ "type": "standard", "domain_id": "acme.com", "replacement_domain": "b.com" })),
        ("swaps", json!({ "domain_id": "dom_1", "replacement_domain": "b.com" })),
        ("swaps/user_names", json!({ "domain_id": "dom_1", "personas": person })),
        ("domains/forwarding", json!({ "domains": ["acme.com", "dom_1"], "forwarding_url": "https://acme.com" })),
        ("orders/ord_1/cancel", json!({ "domains": ["acme.com"], "scope": "order" })),
        ("orders/pending/act_1/resolve", json!({ "login_email": "a@b.com", "login_password": "c" })),
        ("orders/pending/act_1/resolve", json!({ "replacement_domain": "a.com" })),
        ("orders/pending/act_1/resolve", json!({ "profile_picture_url": "https://a.com/k.png" })),
        ("webhook_endpoints", json!({ "url": "https://a.com", "events": ["order.completed"] })),
        ("webhook_endpoints/whe_1/replay", json!({ "since": "2026-05-08T12:00:00Z" })),
    ] {
        for (at, body) in spoilt(&body, path) {
            let reply = api.post(&format!("/partner/v1/{path}"), &body).await;
            // A quote says what an order would be refused for.
            let told = reply.json["data"]["problems"][0]["code"] == "invalid_request";
            assert!(reply.status == 400 || (path == "orders/quote" && told), "{at}: {}", reply.json);
        }
        let key = with(&body, &[("\0", json!("a"))]);
        assert_eq!(api.post(&format!("/partner/v1/{path}"), &key).await.status, 400, "{path}");
    }
    let error = api.post(ORDERS, &json!({ "metadata": { "a\0": "b" } })).await.refuses(400, "invalid_request");
    assert!(error.to_string().contains("Send keys of 1 to 40 characters"), "{error}");
    // These give back a row for whatever is sent, with another character in its place.
    for path in ["domains/import", "domains/import/jobs", "domains/availability"] {
        let reply = api.post(&format!("/partner/v1/{path}"), &json!({ "domains": ["acme\0.com"] })).await;
        assert!(reply.status < 300, "{path}: {}", reply.json);
    }
    for file in std::fs::read_dir(api.folder.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("it can be read");
        assert!(!bytes.windows(9).any(|part| part == b"acme\0.com"), "NUL was kept");
    }
}
