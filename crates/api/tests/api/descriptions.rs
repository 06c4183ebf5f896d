//! The description of the API, and the pages that show it.

use std::collections::HashSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::Api;

fn document() -> Value {
    serde_json::to_value(api::openapi()).expect("a document")
}

/// Every operation with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let items = document["paths"].as_object().expect("paths").iter();
    items
        .flat_map(|(path, item)| {
            item.as_object()
                .expect("an item")
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[tokio::test]
async fn it_is_served_without_a_key() {
    let api = Api::start().await;
    let served = api.send(Request::builder().uri("/openapi.json").body(Body::empty()).unwrap()).await.is(200);
    assert_eq!(served.json, document());
    assert!(served.json["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn a_browser_is_led_to_the_guides() {
    let api = Api::start().await;
    let get = async |path: &str, accept: &str| {
        let request = Request::builder().uri(path).header("accept", accept).body(Body::empty()).unwrap();
        let response = api.router.clone().oneshot(request).await.unwrap();
        let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (response.status().as_u16(), to.unwrap_or_default())
    };
    assert_eq!(get("/", "text/html,application/xhtml+xml").await, (303, "/guides".to_owned()));
    assert_eq!(get("/", "*/*").await.0, 404, "a program has mistaken the address");
    let lost = api.send(Request::get("/").body(Body::empty()).unwrap()).await.refuses(404, "not_found");
    let message = lost["message"].as_str().unwrap();
    for way in ["/partner/v1;", "/openapi.json", "/docs", "/llms.txt"] {
        assert!(message.contains(&format!("https://api.mailwright.test{way}")), "{message}");
    }
    for path in ["/guides", "/guides/"] {
        assert_eq!(get(path, "text/html").await, (308, "/guides/getting-started".to_owned()));
    }
}

#[test]
fn every_operation_is_complete() {
    let document = document();
    let mut ids = HashSet::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(id.contains('_') && ids.insert(id.to_owned()), "{name}: {id}");
        assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{name}");
        let responses = operation["responses"].as_object().unwrap();
        if name.contains("/partner/") {
            for status in ["401", "429", "500"] {
                assert!(responses.contains_key(status), "{name} lacks {status}");
            }
        }
        for (status, response) in responses {
            assert!(response["headers"]["Peeker-Request-Id"].is_object(), "{name} {status}");
            let schema = &response["content"]["application/json"]["schema"];
            let is_error = schema["$ref"] == "#/components/schemas/ErrorBody";
            assert_eq!(is_error, status.as_str() >= "400", "{name} {status}: {schema}");
        }
        if name.contains("/partner/") && !name.starts_with("get ") {
            for status in ["400", "413", "415"] {
                assert!(responses.contains_key(status), "{name} lacks {status}");
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
        }
    }
    assert_eq!(document["components"]["securitySchemes"]["api_key"]["scheme"], "bearer");
    assert_eq!(document["security"], json!([{ "api_key": [] }]));
}

#[test]
fn what_orders_and_quotes_need_is_said() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["NewOrder"]["required"], json!(["user", "sequencer", "domains", "personas"]));
    assert_eq!(schemas["QuotedOrder"]["required"], json!(["domains"]));
    assert_eq!(schemas["NewBundle"]["required"], json!(["name", "monthly_sending_volume"]));
    assert_eq!(schemas["ChangedBundle"].get("required"), None);
    assert_eq!(schemas["Persona"]["required"], json!(["first_name", "last_name", "profile_picture_url"]));
    assert_eq!(schemas["NewSequencer"]["properties"]["login_password"]["writeOnly"], true);
    assert_eq!(schemas["NewOrder"]["properties"]["domains"]["maxItems"], 500);
    assert_eq!(schemas["EventKind"]["enum"][0], "order.in_progress");
    assert_eq!(schemas["QuotedSequencer"]["required"], json!(["provider"]));
    assert_eq!(schemas["QuotedOrder"]["properties"]["sequencer"]["$ref"], "#/components/schemas/QuotedSequencer");
    assert_eq!(schemas["NewSequencer"]["required"], json!(["provider"]));
    let client = &schemas["NewSequencer"]["properties"]["client_id"];
    assert_eq!(client["type"], json!(["integer", "string", "null"]), "{client}");
    assert_eq!(schemas["NewOrder"]["properties"]["quote_id"]["maxLength"], 64);
}

#[test]
fn bodies_that_need_no_field_may_be_left_out() {
    let document = document();
    let required = |path: &str, method: &str| document["paths"][path][method]["requestBody"]["required"] == true;
    assert!(!required("/partner/v1/bundles/{id}", "patch"));
    assert!(required("/partner/v1/bundles", "post"));
    assert!(required("/partner/v1/orders", "post"));
    assert!(required("/partner/v1/orders/quote", "post"));
}
