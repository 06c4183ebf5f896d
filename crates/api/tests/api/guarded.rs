//! Who comes without a key too often, what browsers are told, and a server that is about to stop.

use std::net::IpAddr;

use api::ClientAddress;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use model::clock::SECOND;
use serde_json::json;
use tower::ServiceExt as _;

use crate::support::{Api, Reply, request, settings};

const ME: &str = "/partner/v1/me";

async fn from(api: &Api, address: &str, key: &str) -> Reply {
    let mut request = request("GET", ME, key).body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ClientAddress(address.parse::<IpAddr>().expect("an address")));
    api.send(request).await
}

#[tokio::test]
async fn an_address_that_fails_too_often_waits_and_good_keys_never_do() {
    let api = Api::with(api::Settings { failed_per_minute: 3, ..settings() }).await;
    let (here, there) = ("192.0.2.1", "192.0.2.2");
    for key in ["pk_test_unknown", "nonsense", "pk_live_unknown"] {
        from(&api, here, key).await.refuses(401, "unauthorized");
    }
    for _ in 0..5 {
        let refused = from(&api, here, "pk_test_unknown").await;
        assert_eq!(refused.header("retry-after"), Some("20"));
        assert_eq!(refused.refuses(429, "rate_limited")["details"], json!({ "retry_after_seconds": 20 }));
        from(&api, here, &api.key).await.is(200);
    }
    from(&api, there, "pk_test_unknown").await.refuses(401, "unauthorized");
    let nobody = request("GET", ME, "pk_test_unknown").body(Body::empty()).expect("a request");
    api.send(nobody).await.refuses(401, "unauthorized");
    api.clock.advance(20 * SECOND);
    from(&api, here, "pk_test_unknown").await.refuses(401, "unauthorized");
    from(&api, here, "pk_test_unknown").await.refuses(429, "rate_limited");
}

#[tokio::test]
async fn what_is_much_too_long_for_a_key_is_not_looked_up() {
    let api = Api::start().await;
    let long = format!("pk_test_{}", "a".repeat(200));
    let error = from(&api, "192.0.2.1", &long).await.refuses(401, "unauthorized");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("not an API key")), "{error}");
}

async fn headers(api: &Api, request: Request<Body>) -> HeaderMap {
    api.router.clone().oneshot(request).await.expect("the router never fails").headers().clone()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn browsers_run_show_and_keep_nothing_that_they_should_not() {
    let api = Api::start().await;
    for (path, is_page) in [
        (ME, false),
        ("/partner/v1/orders?per_page=0", false),
        ("/partner/v1/nothing", false),
        ("/partner/v1/events", false),
        ("/nothing", false),
        ("/healthz", false),
        ("/readyz", false),
        ("/docs", true),
        ("/docs/", true),
        ("/docs/orders", true),
        ("/openapi.json", true),
        ("/guides/getting-started", true),
        ("/guides/search?q=x", true),
        ("/assets/style.css", true),
    ] {
        let mut asked = request("GET", path, &api.key);
        if path.ends_with("/events") {
            asked = asked.header("Accept", "text/event-stream");
        }
        let said = headers(&api, asked.body(Body::empty()).expect("a request")).await;
        let policy = text(&said, "content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(policy.contains("script-src 'self'"), is_page, "{path}");
        assert_eq!(text(&said, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(text(&said, "x-frame-options"), "DENY", "{path}");
        assert_eq!(text(&said, "referrer-policy"), "no-referrer", "{path}");
        assert_eq!(text(&said, "cache-control"), if is_page { "no-cache" } else { "no-store" }, "{path}");
    }
}

#[tokio::test]
async fn pages_have_nothing_in_them_that_their_policy_forbids() {
    let api = Api::start().await;
    for path in ["/docs", "/docs/orders", "/guides/getting-started", "/guides/webhooks"] {
        let (status, page) = api.text(path).await;
        assert_eq!(status, 200, "{path}");
        for forbidden in ["<style", " style=", "<script>", " onload=", " onclick=", "https://unpkg", "cdn."] {
            assert!(!page.contains(forbidden), "{path} has {forbidden}");
        }
    }
    assert!(api.text("/assets/style.css").await.1.contains("font:"));
}

#[tokio::test]
async fn a_server_that_is_about_to_stop_is_not_ready_and_serves() {
    proves!("GET /healthz", "GET /.well-known/mailwright-keys.json");
    let api = Api::start().await;
    let ready = async || api.send(Request::get("/readyz").body(Body::empty()).expect("a request")).await;
    ready().await.is(200);
    api.leaving.cancel();
    let said = ready().await;
    assert_eq!(said.header("retry-after"), Some("1"));
    said.refuses(503, "busy");
    api.get(ME).await.is(200);
    api.send(Request::get("/healthz").body(Body::empty()).expect("a request")).await.is(200);
    let keys = Request::get("/.well-known/mailwright-keys.json").body(Body::empty()).expect("a request");
    let key = api.send(keys).await.is(200).json["keys"][0].clone();
    assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&"OKP".into(), &"Ed25519".into(), &"sig".into()));
    let own = api.store.vault().public_key();
    assert_eq!(key["kid"], own.id.as_str());
    assert_eq!(store::PublicKey::read(key["x"].as_str().expect("a text")), Some(own));
}

#[tokio::test]
async fn whoever_guesses_links_of_consents_waits_too() {
    let api = Api::with(api::Settings { failed_per_minute: 3, ..settings() }).await;
    let guessed = async |path: &str| {
        let mut request = request("GET", path, "").body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ClientAddress("192.0.2.1".parse::<IpAddr>().expect("an address")));
        let response = api.router.clone().oneshot(request).await.expect("the router never fails");
        (response.status().as_u16(), text(response.headers(), "content-type").to_owned())
    };
    let page = "text/html; charset=utf-8".to_owned();
    for (path, status) in
        [("/consent/inb_1.act_1.0", 404), ("/consent/callback?code=a&state=b", 400), ("/consent/inb_1.act_1.0/", 404)]
    {
        assert_eq!(guessed(path).await, (status, page.clone()), "{path}");
    }
    assert_eq!(guessed("/consent/inb_1.act_1.1").await, (429, page));
}
