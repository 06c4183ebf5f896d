//! Who is let in, and which rows they see.

use axum::body::Body;
use axum::http::Request;
use model::partner::Preset;
use model::world::Environment;
use serde_json::json;

use crate::support::{Api, request};

const ME: &str = "/partner/v1/me";

#[tokio::test]
async fn a_good_key_is_told_who_it_is_on_both_paths() {
    proves!("GET /me");
    let api = Api::start().await;
    for path in [ME, "/api/partner/v1/me"] {
        let reply = api.get(path).await.is(200);
        assert_eq!(
            *reply.data(),
            json!({
                "api_key": { "environment": "test", "permission_preset": "full", "spend": null },
                "partner": { "id": api.partner.to_string(), "name": "Acme Resellers", "spend": null }
            })
        );
    }
    let live = api.add_key(Environment::Live, Preset::Read).await;
    let reply = api.get_as(&live, ME).await.is(200);
    assert_eq!(reply.data()["api_key"], json!({ "environment": "live", "permission_preset": "read", "spend": null }));
}

#[tokio::test]
async fn everything_else_is_unauthorized() {
    proves!("error unauthorized");
    let api = Api::start().await;
    let good = &api.key;
    let mut wrong = good.clone();
    wrong.pop();
    let headers = [
        vec![],
        vec![good.clone()],
        vec![format!("Basic {good}")],
        vec!["Bearer".into()],
        vec!["Bearer ".into()],
        vec!["Bearer sk_live_x".into()],
        vec![format!("Bearer {wrong}")],
        vec![format!("Bearer {good}x")],
        vec![format!("Bearer {}", good.to_uppercase())],
        vec![format!("Bearer {good}"), format!("Bearer {good}")],
    ];
    for values in headers {
        let builder = Request::builder().uri(format!("{ME}?api_key={good}")).header("X-Api-Key", good);
        let builder = values.iter().fold(builder, |builder, value| builder.header("Authorization", value));
        let reply = api.send(builder.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{values:?}");
        assert_eq!(reply.header("ratelimit"), None);
        reply.refuses(401, "unauthorized");
    }
    let lower = Request::builder().uri(ME).header("Authorization", format!("bearer {good}"));
    api.send(lower.body(Body::empty()).unwrap()).await.is(200);
}

#[tokio::test]
async fn a_revoked_key_is_unauthorized() {
    let api = Api::start().await;
    let revoke = |key: &mut model::partner::ApiKey| key.revoked_at = Some(key.created_at);
    let key = api.add_key_of(&api.partner, Environment::Test, Preset::Full, revoke).await;
    api.get_as(&key, ME).await.refuses(401, "unauthorized");
}

#[tokio::test]
async fn the_key_is_looked_at_before_the_body_and_the_preset_too() {
    let api = Api::start().await;
    let bad = |key: &str| request("POST", "/partner/v1/bundles", key).body(Body::from("{")).unwrap();
    api.send(bad("pk_test_unknown")).await.refuses(401, "unauthorized");
    let reader = api.add_key(Environment::Test, Preset::Read).await;
    api.send(bad(&reader)).await.refuses(403, "forbidden");
    api.send(bad(&api.key)).await.refuses(415, "unsupported_media_type");
}

#[tokio::test]
async fn ids_of_another_environment_or_partner_do_not_exist() {
    proves!("error not_found");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let other = api.add_partner("Other").await;
    let strangers = [
        api.add_key(Environment::Live, Preset::Full).await,
        api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await,
    ];
    let path = format!("/partner/v1/bundles/{bundle}");
    for key in &strangers {
        api.get_as(key, &path).await.refuses(404, "not_found");
        api.json_as(key, "PATCH", &path, &json!({ "name": "Mine" })).await.refuses(404, "not_found");
        api.json_as(key, "DELETE", &path, &json!({})).await.refuses(404, "not_found");
        assert_eq!(api.get_as(key, "/partner/v1/bundles").await.is(200).json["meta"]["returned"], 0);
    }
    assert_eq!(api.get(&path).await.is(200).data()["name"], "Small");
}
