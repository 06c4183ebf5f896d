//! Query parameters that a call does not know.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::{Api, Reply, settings};

const SAID: &str = "mailwright-ignored-parameters";

fn said(reply: &Reply) -> Option<&str> {
    reply.header(SAID)
}

#[tokio::test]
async fn what_a_list_does_not_know_is_passed_over_and_said() {
    let api = Api::start().await;
    for base in ["/partner/v1", "/api/partner/v1"] {
        let list = api.get(&format!("{base}/orders?limit=2&colour=red&status=completed&limit=3")).await.is(200);
        assert_eq!(list.json["meta"]["ignored"], json!(["limit", "colour"]));
        assert_eq!(list.json["meta"]["did_you_mean"], json!({ "limit": "per_page" }));
        assert_eq!(list.json["meta"]["per_page"], 25);
        assert_eq!(said(&list), Some("limit; did-you-mean=per_page, colour"));
        assert!(!list.json["links"]["first"].as_str().unwrap().contains("limit"), "a link keeps what is known");
    }
    let list = api.get("/partner/v1/orders?status=completed&per_page=2").await.is(200);
    assert_eq!((list.json["meta"].get("ignored"), list.json["meta"].get("did_you_mean")), (None, None));
    assert_eq!(said(&list), None);
}

#[tokio::test]
async fn every_answer_says_it() {
    let api = Api::start().await;
    assert_eq!(said(&api.get("/partner/v1/me?verbose=1").await.is(200)), Some("verbose"));
    assert_eq!(said(&api.get("/partner/v1/orders/ord_1?expand=inboxes").await.is(404)), Some("expand"));
    assert_eq!(said(&api.get("/partner/v1/orders?per_page=0&sort=asc").await.is(400)), Some("sort"));
    let customer = json!({ "email": "a@acme.com", "sequencer": { "provider": "smartlead" } });
    let made = api.post("/partner/v1/users?dry_run=true", &customer).await.is(201);
    assert_eq!(said(&made), Some("dry_run"), "it was not a dry run, and the sender can know");
}

#[tokio::test]
async fn what_is_said_is_bounded_and_readable_whatever_was_sent() {
    let api = Api::start().await;
    let long = "n".repeat(4_000);
    let many: String = (0..300).map(|n| format!("&p{n}=1")).collect();
    let list = api.get(&format!("/partner/v1/users?{long}=1&a%0d%0ab=1&%E2%80%AEx=1&%00=1&=1{many}")).await.is(200);
    let ignored: Vec<_> = list.json["meta"]["ignored"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(ignored.len(), 20);
    assert!(
        ignored.iter().all(|name| name.chars().count() <= 128 && !name.contains(model::shown::is_hidden)),
        "{ignored:?}"
    );
    assert_eq!(ignored[1], "a\\u000d\\nb");
    let header = said(&list).unwrap();
    assert!(header.is_ascii() && header.len() < 4_000, "{header}");
}

#[tokio::test]
async fn an_operator_can_have_them_refused() {
    let api = Api::with(api::Settings { refuse_unknown_parameters: true, ..settings() }).await;
    let error = api.get("/partner/v1/orders?limit=2&colour=red").await.refuses_field("limit");
    assert_eq!(error["message"], "There is no query parameter `limit` here; did you mean `per_page`?");
    assert_eq!(error["details"]["errors"][1]["field"], "colour");
    api.get("/partner/v1/orders?per_page=2&status=completed").await.is(200);
    let request = Request::builder().uri("/partner/v1/orders?limit=2").body(Body::empty()).unwrap();
    api.send(request).await.refuses(401, "unauthorized");
}

#[tokio::test]
async fn every_described_parameter_is_known_and_no_other() {
    let api = Api::with(api::Settings { refuse_unknown_parameters: true, ..settings() }).await;
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut looked_at = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" || !path.starts_with("/partner/v1") {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let path = path.replace("{id}", "x_1");
            // An empty value is wrong for most, but not unknown; with a letter more it is.
            let known = api.get(&format!("{path}?{name}=")).await;
            assert!(!known.json.to_string().contains("no query parameter"), "{path} {name}: {}", known.json);
            let strange = api.get(&format!("{path}?{name}zz=")).await;
            assert!(strange.json.to_string().contains("no query parameter"), "{path} {name}: {}", strange.json);
            looked_at += 1;
        }
    }
    assert!(looked_at > 40, "{looked_at}");
}
