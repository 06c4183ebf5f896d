//! Whether the server can do its work.

use api::Warning;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::support::{Api, Reply};

async fn ask(api: &Api) -> Reply {
    api.send(Request::builder().uri("/readyz").body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_the_operator_should_look_at_is_shown_beside_it() {
    let api = Api::start().await;
    assert_eq!(ask(&api).await.is(200).json, json!({ "status": "ok", "warnings": [] }));
    let message = "The database is 3 h older.".to_owned();
    api.readiness.warn(Warning { reason: "database_older_than_world", message: message.clone() });
    let warnings = json!([{ "reason": "database_older_than_world", "message": message }]);
    assert_eq!(ask(&api).await.is(200).json, json!({ "status": "ok", "warnings": warnings }));
}

#[tokio::test]
async fn a_store_that_is_closed_is_not_ready() {
    let api = Api::start().await;
    api.store.close().await;
    let refused = ask(&api).await.refuses(503, "internal");
    assert_eq!(refused["details"], json!({ "reason": "unwritable" }));
}
