//! Whether the server can do its work.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::sync::Arc;

use api::Warning;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tokio::sync::Notify;

use crate::support::{Api, Reply};

async fn ask(api: &Api) -> Reply {
    api.send(Request::builder().uri("/readyz").body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_the_operator_should_look_at_is_shown_beside_it() {
    proves!("GET /readyz");
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

/// A writer that somebody holds up does not keep whoever asks waiting for ever.
#[tokio::test]
async fn a_writer_that_does_not_answer_in_time_is_not_ready() {
    let api = Api::start().await;
    let (gate, inside, store) = (Arc::new(Notify::new()), Arc::new(Notify::new()), api.store.clone());
    let (opens, enters) = (gate.clone(), inside.clone());
    let held = tokio::spawn(async move {
        let writing = store.write(move |_| {
            let (opens, enters) = (opens.clone(), enters.clone());
            Box::pin(async move {
                enters.notify_one();
                opens.notified().await;
                Ok(())
            })
        });
        writing.await
    });
    inside.notified().await;
    tokio::time::pause();
    for _ in 0..3 {
        let refused = ask(&api).await.refuses(503, "internal");
        assert_eq!(refused["details"], json!({ "reason": "no_answer" }));
    }
    tokio::time::resume();
    gate.notify_one();
    held.await.unwrap().unwrap();
    ask(&api).await.is(200);
}
