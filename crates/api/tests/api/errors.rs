//! What goes wrong before a call is even looked at, and what goes wrong on our side.

use axum::body::{Body, Bytes};
use axum::http::Request;
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};

use crate::support::{Api, order, request, with};

const BUNDLES: &str = "/partner/v1/bundles";

#[tokio::test]
async fn unknown_paths_are_not_found_with_or_without_a_key() {
    let api = Api::start().await;
    for path in ["/", "/partner/v1", "/partner/v1/nothing", "/partner/v2/me", "/partner/v1/me/", "/bundles", "/x/%ff"] {
        api.get(path).await.refuses(404, "not_found");
        let bare = Request::builder().uri(path).body(Body::empty()).unwrap();
        api.send(bare).await.refuses(404, "not_found");
    }
}

#[tokio::test]
async fn wrong_methods_say_which_are_right() {
    proves!("error method_not_allowed");
    let api = Api::start().await;
    for (method, path, allow) in [
        ("PUT", BUNDLES, "GET,HEAD,POST"),
        ("POST", "/partner/v1/me", "GET,HEAD"),
        ("PUT", "/partner/v1/bundles/bun_1", "GET,HEAD,PATCH,DELETE"),
        ("GET", "/partner/v1/domains/availability", "POST"),
        ("DELETE", "/api/partner/v1/orders/ord_1", "GET,HEAD"),
        ("POST", "/healthz", "GET,HEAD"),
        ("POST", "/openapi.json", "GET,HEAD,OPTIONS"),
    ] {
        let reply = api.json(method, path, &json!({})).await;
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
        reply.refuses(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_refused_announced_or_not() {
    proves!("error payload_too_large");
    let api = Api::start().await;
    let large = vec![b' '; (1 << 20) + 1];
    let announced = Request::builder().method("POST").uri(BUNDLES).header("Content-Length", large.len());
    api.send(announced.body(Body::from(large.clone())).unwrap()).await.refuses(413, "payload_too_large");

    let pieces = large.chunks(4_096).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)));
    let pieces = Body::from_stream(futures_util::stream::iter(pieces.collect::<Vec<_>>()));
    let unannounced = request("POST", BUNDLES, &api.key).header("Content-Type", "application/json");
    api.send(unannounced.body(pieces).unwrap()).await.refuses(413, "payload_too_large");

    let just = format!("{}{}", json!({ "name": "A", "monthly_sending_volume": 880 }), " ".repeat((1 << 20) - 45));
    let full = request("POST", BUNDLES, &api.key).header("Content-Type", "application/json");
    api.send(full.body(Body::from(just)).unwrap()).await.is(201);
}

#[tokio::test]
async fn only_json_is_taken() {
    proves!("error unsupported_media_type");
    let api = Api::start().await;
    let body = json!({ "name": "A", "monthly_sending_volume": 880 }).to_string();
    for kind in
        ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"]
    {
        let mut builder = request("POST", BUNDLES, &api.key);
        if !kind.is_empty() {
            builder = builder.header("Content-Type", kind);
        }
        let reply = api.send(builder.body(Body::from(body.clone())).unwrap()).await;
        reply.refuses(415, "unsupported_media_type");
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
        let builder = request("POST", BUNDLES, &api.key).header("Content-Type", kind);
        api.send(builder.body(Body::from(body.clone())).unwrap()).await.is(201);
    }
}

#[tokio::test]
async fn bad_json_is_told_with_its_line_and_column() {
    let api = Api::start().await;
    let send = async |text: &'static [u8]| {
        let builder = request("POST", BUNDLES, &api.key).header("Content-Type", "application/json");
        api.send(builder.body(Body::from(text)).unwrap()).await.refuses(400, "invalid_request")
    };
    let error = send(b"{\n  \"name\": \"A\",\n  oops\n}").await;
    assert_eq!(error["details"], json!({ "line": 3, "column": 3 }));
    assert!(error["message"].as_str().unwrap().contains("line 3 column 3"));
    for text in [
        &b"{"[..],
        b"\xff\xfe",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"{\"name\": \"\\ud800\"}",
        b"{} {}",
        b"{'a': 1}",
        b"{\"a\": NaN}",
    ] {
        assert!(send(text).await["details"]["line"].is_number());
    }
    let twice = send(b"{\n \"name\": \"A\",\n \"name\": \"B\"\n}").await;
    let told = "The body is not valid JSON: the field \"name\" is there twice at line 4 column 1.";
    assert_eq!(twice["message"], told);
    let deep: &'static [u8] = Box::leak(format!("{{\"a\":{}", "[".repeat(10_000)).into_bytes().into_boxed_slice());
    send(deep).await;
}

#[tokio::test]
async fn of_very_many_faults_some_are_told_and_how_many_more_there_are() {
    let api = Api::start().await;
    let near = |n| (format!("send_on_weekend_{n}"), json!(1));
    let many = (0..40_000).map(near).collect::<serde_json::Map<_, _>>();
    let error = api.post(BUNDLES, &json!(many)).await.refuses(400, "invalid_request");
    // Fifty unknown fields, and the two that are missing.
    assert_eq!(error["details"]["errors"].as_array().unwrap().len(), 52);
    assert_eq!(error["details"]["errors_left_out"], 39_950);
    assert!(error.to_string().len() < 20_000, "{}", error.to_string().len());

    // Of one body, however many objects it has.
    let each = (0..100).map(near).collect::<serde_json::Map<_, _>>();
    let body = json!({ "domains": vec![json!(each); 100] });
    let error = api.post("/partner/v1/orders/quote", &body).await.refuses(400, "invalid_request");
    let unknown = |error: &&Value| error["message"].as_str().unwrap().starts_with("There is no field");
    assert_eq!(error["details"]["errors"].as_array().unwrap().iter().filter(unknown).count(), 50);
    assert_eq!(error["details"]["errors_left_out"], 9_950);
    let few = api.post(BUNDLES, &json!({ "nmae": "Small" })).await.refuses(400, "invalid_request");
    assert_eq!(few["details"].get("errors_left_out"), None);
}

#[tokio::test]
async fn an_error_has_exactly_the_published_shape() {
    proves!("Error");
    let api = Api::start().await;
    let faults = api.post(BUNDLES, &json!({ "name": 7, "monthly_sending_volume": -5 })).await.is(400);
    let each: Vec<_> = [("name", 0), ("monthly_sending_volume", 1)]
        .map(|(field, n)| {
            let message = &faults.json["error"]["details"]["errors"][n]["message"];
            assert!(message.as_str().is_some_and(|text| text.starts_with("Send ")), "{message}");
            json!({ "code": "invalid_request", "field": field, "message": message })
        })
        .into();
    let first = with(&each[0], &[("details", json!({ "errors": each }))]);
    assert_eq!(faults.json, json!({ "error": first }));
}

#[tokio::test]
async fn the_top_of_a_body_is_an_object() {
    let api = Api::start().await;
    for body in [json!([]), json!("text"), json!(1), json!(null), json!(true)] {
        let error = api.post(BUNDLES, &body).await.refuses(400, "invalid_request");
        assert!(error["message"].as_str().unwrap().contains("JSON object"), "{error}");
    }
}

#[tokio::test]
async fn calls_that_need_no_body_take_none_an_empty_one_and_an_empty_object() {
    let api = Api::start().await;
    for body in ["", "  \n", "{}"] {
        let id = api.small_bundle().await;
        let builder =
            request("DELETE", &format!("{BUNDLES}/{id}"), &api.key).header("Content-Type", "application/json");
        api.send(builder.body(Body::from(body)).unwrap()).await.is(200);
    }
    let id = api.small_bundle().await;
    let path = format!("{BUNDLES}/{id}");
    let unchanged = api.send(request("PATCH", &path, &api.key).body(Body::empty()).unwrap()).await.is(200);
    assert_eq!(unchanged.json, api.get(&path).await.is(200).json);
    api.send(request("DELETE", &path, &api.key).body(Body::from("what")).unwrap()).await.is(415);
    let large = request("DELETE", &path, &api.key).body(Body::from(vec![b' '; (1 << 20) + 1])).unwrap();
    api.send(large).await.refuses(413, "payload_too_large");
    api.json("DELETE", &path, &json!({ "force": true })).await.refuses_field("force");
    api.send(request("DELETE", &path, &api.key).body(Body::empty()).unwrap()).await.is(200);
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_says_nothing() {
    proves!("error internal");
    let api = Api::start().await;
    let reply = api.post("/partner/v1/domains/availability", &json!({ "domains": ["panic-acme.com"] })).await;
    let error = reply.refuses(500, "internal");
    assert!(!error.to_string().contains("panic"), "{error}");
    api.get("/partner/v1/me").await.is(200);
}

#[tokio::test]
async fn a_broken_store_is_an_internal_error_and_says_nothing() {
    let api = Api::start().await;
    api.send(Request::builder().uri("/readyz").body(Body::empty()).unwrap()).await.is(200);
    for ending in ["", "-wal", "-shm"] {
        let file = api.folder.path().join(format!("mailwright.db{ending}"));
        std::fs::write(file, [0x55; 65_536]).unwrap();
    }
    let error = api.get("/partner/v1/me").await.refuses(500, "internal");
    assert!(error["message"].as_str().unwrap().contains("request id"));
    assert!(error.get("details").is_none());
    // A look counts for a second.
    api.clock.advance(model::clock::SECOND);
    let ready = api.send(Request::builder().uri("/readyz").body(Body::empty()).unwrap()).await;
    ready.refuses(503, "internal");
    let alive = api.send(Request::builder().uri("/healthz").body(Body::empty()).unwrap()).await;
    assert_eq!(alive.is(200).json, json!({ "status": "ok" }));
}

#[tokio::test]
async fn a_live_key_without_a_registrar_is_told_so() {
    proves!("error provider_not_configured");
    let api = Api::start().await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let names = json!({ "domains": ["acme-mail.com"] });
    let reply = api.json_as(&live, "POST", "/partner/v1/domains/availability", &names).await;
    reply.refuses(503, "provider_not_configured");
    let body = json!({ "name": "Small", "monthly_sending_volume": 880 });
    let bundle = api.json_as(&live, "POST", BUNDLES, &body).await.is(201).data()["id"].clone();
    let body = with(&order(""), &[("bundle_id", bundle)]);
    api.json_as(&live, "POST", "/partner/v1/orders", &body).await.refuses(503, "provider_not_configured");
    api.json_as(&live, "POST", "/partner/v1/orders/quote", &body).await.refuses(503, "provider_not_configured");
}
