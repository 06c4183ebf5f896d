//! What nobody can read: texts that hide something are not let in, and long ones are not repeated.

use serde_json::json;

use crate::support::{Api, order, with};

/// An answer repeats what was sent only as far as somebody can read it.
#[tokio::test]
async fn what_is_repeated_is_cut() {
    let api = Api::start().await;
    let long = "x".repeat(60_000);
    let orders = |field: &str| with(&order("bun_1"), &[(field, json!(long))]);
    for reply in [
        api.get(&format!("/{long}")).await,
        api.get(&format!("/partner/v1/{long}")).await,
        api.get(&format!("/partner/v1/orders/{long}")).await,
        api.get(&format!("/partner/v1/orders?status={long}")).await,
        api.get(&format!("/partner/v1/orders?page_token={long}")).await,
        api.get(&format!("/partner/v1/events?after={long}")).await,
        api.json(&long, "/partner/v1/me", &json!({})).await,
        api.post("/partner/v1/orders", &orders(&long)).await,
        api.post("/partner/v1/orders", &orders("user")).await,
        api.post("/partner/v1/orders", &with(&order("bun_1"), &[("domains", json!([long]))])).await,
        api.post(&format!("/partner/v1/orders/pending/{long}/resolve"), &json!({})).await,
        api.post("/partner/v1/webhook_endpoints", &json!({ "url": "https://acme.com", "events": [long] })).await,
        api.post("/partner/v1/domains/availability", &json!({ "domains": [long] })).await,
        api.post("/partner/v1/swaps", &json!({ "domain_id": long, "replacement_domain": long })).await,
        api.post("/partner/v1/domains/import/jobs", &json!({ "domains": [long] })).await,
    ] {
        let text = reply.json.to_string();
        assert!(text.len() < 2_000, "{} characters: {}", text.len(), &text[..300]);
    }
}

/// Marks that turn the direction of writing make a text look like another one.
#[tokio::test]
async fn texts_that_hide_something_are_refused() {
    let api = Api::start().await;
    let bundle = json!({ "name": "gpj.\u{202e}exe", "monthly_sending_volume": 880 });
    let refused = api.post("/partner/v1/bundles", &bundle).await.refuses(400, "invalid_request");
    assert_eq!(refused["field"], "name");
    let persona = |name: &str| json!([{ "first_name": name, "last_name": "Lee", "profile_picture_url": null }]);
    let id = api.small_bundle().await;
    for (field, value) in [
        ("reference", json!("A-\u{2066}1")),
        ("metadata", json!({ "campaign": "\u{200f}spring" })),
        ("metadata", json!({ "cam\u{202e}paign": "spring" })),
        ("forwarding_url", json!("https://acme.com/\u{202e}moc.live")),
        ("personas", persona("Al\u{202d}ex")),
    ] {
        let body = with(&order(&id), &[(field, value)]);
        let refused = api.post("/partner/v1/orders", &body).await.refuses(400, "invalid_request");
        let at = refused["field"].as_str().unwrap_or_default();
        assert!(at.starts_with(field), "{refused}");
        assert!(!refused.to_string().contains(['\u{202e}', '\u{2066}', '\u{200f}', '\u{202d}']), "{refused}");
    }
    // Writing from right to left needs none of them.
    let body = with(&order(&id), &[("personas", persona("שרה")), ("reference", json!("הזמנה 1"))]);
    api.post("/partner/v1/orders", &body).await.is(200);
}
