//! The official library judges what the operator's webhook is told.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::Watched;
use crate::judges::{accepts, judges};
use crate::support::NOW;

#[tokio::test]
async fn official_libraries_accept_what_the_operator_is_told() {
    let judges = judges();
    let mut watched = Watched::new().await;
    watched.later(8 * model::clock::DAY).await;
    let sent = watched.sent().remove(0);
    let header = |key: &str| sent.headers[key].clone();
    let headers = json!({ "webhook-id": header("webhook-id"), "webhook-timestamp": header("webhook-timestamp"), "webhook-signature": header("webhook-signature") });
    let now = NOW.plus(8 * model::clock::DAY).seconds();
    let secret = watched.secret();
    let mut message = json!({ "secret": secret.expose_secret(), "headers": headers, "body": sent.body, "now": now });
    for (name, judge) in &judges {
        assert!(accepts(judge, &message).await, "{name} refuses {}", sent.kind());
    }
    message["body"] = json!(sent.body.replacen("backup", "backdown", 1));
    for (name, judge) in &judges {
        assert!(!accepts(judge, &message).await, "{name} accepts changed bytes");
    }
}
