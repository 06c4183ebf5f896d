//! What is the same for everybody is packed, marked and kept; nothing else is.

use axum::body::Body;

use super::{all, ask};
use crate::support::{Api, request};

const PACKED: (&str, &str) = ("accept-encoding", "gzip, deflate, br");

#[tokio::test]
async fn pages_are_packed_and_asked_for_by_their_mark() {
    let api = Api::start().await;
    let mut paths: Vec<_> = all(&api).await.into_keys().collect();
    paths.extend(
        ["/openapi.json", "/llms.txt", "/docs.md", "/guides/buying.md", "/assets/style.css"].map(str::to_owned),
    );
    for path in &paths {
        let plain = ask(&api, "GET", path, &[]).await;
        let packed = ask(&api, "GET", path, &[PACKED]).await;
        assert_eq!((plain.status, packed.status), (200, 200), "{path}");
        assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "gzip"), "{path}");
        assert!(packed.body.len() * 10 < plain.body.len() * 7, "{path}: {} of {}", packed.body.len(), plain.body.len());
        assert_eq!(packed.header("content-type"), plain.header("content-type"), "{path}");
        assert_ne!(packed.header("etag"), plain.header("etag"), "{path}: other bytes, another mark");
        for (answer, headers) in [(&plain, vec![]), (&packed, vec![PACKED])] {
            let mark = answer.header("etag");
            assert!(mark.starts_with('"') && mark.ends_with('"') && mark.len() > 20, "{path}: {mark}");
            assert_eq!(
                (answer.header("vary"), answer.header("cache-control")),
                ("accept-encoding", "no-cache"),
                "{path}"
            );
            let again = ask(&api, "GET", path, &[headers.as_slice(), &[("if-none-match", mark)]].concat()).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
            assert_eq!((again.header("etag"), again.header("vary")), (mark, "accept-encoding"), "{path}");
            let head = ask(&api, "HEAD", path, &headers).await;
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            assert_eq!((head.header("etag"), head.header("content-length")), (mark, &*answer.body.len().to_string()));
        }
    }
}

#[tokio::test]
async fn what_pages_load_is_kept_for_good_at_its_own_address() {
    let api = Api::start().await;
    let page = ask(&api, "GET", "/docs", &[]).await.text();
    for name in ["style.css", "script.js", "icon.svg"] {
        let address =
            page.split('"').find(|part| part.starts_with(&format!("/assets/{name}?v="))).expect("it is loaded");
        let file = ask(&api, "GET", address, &[]).await;
        assert_eq!((file.status, file.header("cache-control")), (200, "public, max-age=31536000, immutable"), "{name}");
        // Another version's page asks a process of this one.
        let other = ask(&api, "GET", &format!("/assets/{name}?v=0"), &[]).await;
        assert_eq!((other.status, other.header("cache-control")), (200, "no-cache"), "{name}");
    }
    assert_eq!(ask(&api, "GET", "/assets/nothing.css", &[]).await.status, 404);
    assert_eq!(ask(&api, "GET", "/assets/..%2f..%2fetc%2fpasswd", &[]).await.status, 404);
}

#[tokio::test]
async fn answers_of_the_api_are_neither_packed_nor_kept() {
    let api = Api::start().await;
    for path in [
        "/partner/v1/me",
        "/partner/v1/orders",
        "/partner/v1/webhook_endpoints",
        "/partner/v1/events",
        "/partner/v1/nothing",
    ] {
        for accept in ["*/*", "text/event-stream"] {
            let asked = request("GET", path, &api.key).header("accept", accept).header(PACKED.0, PACKED.1);
            let answer =
                tower::ServiceExt::oneshot(api.router.clone(), asked.body(Body::empty()).unwrap()).await.unwrap();
            for name in ["content-encoding", "etag", "access-control-allow-origin"] {
                assert!(!answer.headers().contains_key(name), "{path} with {accept}: {name}");
            }
        }
    }
    for path in ["/healthz", "/guides/search?q=order", "/docs/nothing", "/nothing"] {
        let answer = ask(&api, "GET", path, &[PACKED, ("accept", "text/html")]).await;
        assert_eq!((answer.header("content-encoding"), answer.header("etag")), ("", ""), "{path}");
    }
}

#[tokio::test]
async fn any_site_may_read_the_description_and_nothing_else() {
    let api = Api::start().await;
    let origin = ("origin", "https://tool.example");
    let read = ask(&api, "GET", "/openapi.json", &[origin]).await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, "*"));
    let again = ask(&api, "GET", "/openapi.json", &[origin, ("if-none-match", read.header("etag"))]).await;
    assert_eq!((again.status, again.header("access-control-allow-origin")), (304, "*"));
    let wish = [origin, ("access-control-request-method", "GET"), ("access-control-request-headers", "if-none-match")];
    let asked = ask(&api, "OPTIONS", "/openapi.json", &wish).await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (204, "*"));
    assert_eq!(
        (asked.header("access-control-allow-methods"), asked.header("access-control-allow-headers")),
        ("GET, HEAD", "*")
    );
    assert_eq!(asked.header("access-control-allow-credentials"), "");
    for path in ["/partner/v1/orders", "/partner/v1/me", "/docs", "/guides/buying", "/healthz", "/"] {
        let asked = ask(&api, "OPTIONS", path, &wish).await;
        let read = ask(&api, "GET", path, &[origin]).await;
        for answer in [asked, read] {
            assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{path}");
        }
    }
}
