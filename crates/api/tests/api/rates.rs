//! How many requests a key may make.

use model::clock::{MINUTE, SECOND};
use model::partner::Preset;
use model::world::Environment;
use serde_json::json;

use crate::support::{Api, settings};

const ME: &str = "/partner/v1/me";

#[tokio::test]
async fn a_full_bucket_then_ten_a_second() {
    proves!("error rate_limited");
    let api = Api::with(api::Settings { rate_per_minute: 600, ..settings() }).await;
    let first = api.get(ME).await.is(200);
    assert_eq!(first.header("ratelimit"), Some(r#""default";r=599;t=1"#));
    assert_eq!(first.header("ratelimit-policy"), Some(r#""default";q=600;w=60"#));
    for _ in 1..600 {
        api.get(ME).await.is(200);
    }
    for _ in 0..20 {
        let refused = api.get(ME).await;
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(refused.header("ratelimit"), Some(r#""default";r=0;t=60"#));
        assert_eq!(refused.refuses(429, "rate_limited")["details"], json!({ "retry_after_seconds": 1 }));
    }
    api.clock.advance(SECOND);
    let mut passed = 0;
    while api.get(ME).await.status == 200 {
        passed += 1;
    }
    assert_eq!(passed, 10);
    api.clock.advance(MINUTE);
    assert_eq!(api.get(ME).await.is(200).header("ratelimit"), Some(r#""default";r=599;t=1"#));
}

#[tokio::test]
async fn every_key_has_a_bucket_of_its_own_and_maybe_its_own_number() {
    let api = Api::with(api::Settings { rate_per_minute: 2, ..settings() }).await;
    let key = async |rate| {
        api.add_key_of(&api.partner, Environment::Live, Preset::Read, |key| key.rate_per_minute = rate).await
    };
    let (slow, free) = (key(Some(1)).await, key(Some(0)).await);
    api.get_as(&slow, ME).await.is(200);
    let refused = api.get_as(&slow, ME).await;
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(refused.header("ratelimit-policy"), Some(r#""default";q=1;w=60"#));
    refused.refuses(429, "rate_limited");
    for _ in 0..5 {
        assert_eq!(api.get_as(&free, ME).await.is(200).header("ratelimit"), None);
    }
    api.get(ME).await.is(200);
    api.get(ME).await.is(200);
    api.get(ME).await.refuses(429, "rate_limited");
}

#[tokio::test]
async fn the_limit_comes_before_preset_and_body_and_refusals_of_those_are_charged() {
    let api = Api::with(api::Settings { rate_per_minute: 2, ..settings() }).await;
    let reader = api.add_key(Environment::Test, Preset::Read).await;
    for status in [403, 403, 429] {
        let reply = api.json_as(&reader, "POST", "/partner/v1/bundles", &json!([])).await.is(status);
        assert!(reply.header("ratelimit").is_some());
    }
}
