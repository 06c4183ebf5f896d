//! What `/readyz` does and says.

use std::path::Path;
use std::process::Stdio;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::future::join_all;
use model::clock::{HOUR, SECOND};
use serde_json::{Value, json};
use tokio::process::Command;
use tower::ServiceExt as _;

use crate::program::{Running, client, greeted, mailwright, post};
use crate::support::{Rig, order_body};

async fn ask(rig: &Rig) -> (StatusCode, Value) {
    let request = Request::builder().uri("/readyz").body(Body::empty()).expect("a request");
    let response = rig.router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

/// How many groups of writes have changed something.
async fn groups(rig: &Rig) -> i32 {
    use sqlx::Connection as _;
    let url = format!("sqlite:{}", rig.folder.path().join("mailwright.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.expect("the database opens");
    sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut conn).await.expect("a number")
}

#[tokio::test]
async fn readiness_writes_once_a_second_however_often_it_is_asked_for() {
    let rig = Rig::sqlite().await;
    let before = groups(&rig).await;
    for answer in join_all((0..50).map(|_| ask(&rig))).await {
        assert_eq!(answer, (StatusCode::OK, json!({ "status": "ok", "warnings": [] })));
    }
    assert_eq!(groups(&rig).await, before + 1);
    rig.clock.advance(SECOND - 1);
    ask(&rig).await;
    assert_eq!(groups(&rig).await, before + 1);
    for step in [1, -HOUR] {
        rig.clock.advance(step);
        ask(&rig).await;
    }
    assert_eq!(groups(&rig).await, before + 3, "a clock that goes back stops nothing");
}

#[tokio::test]
async fn readiness_writes_on_postgresql_too_and_leaves_nothing() {
    let Some(rig) = Rig::postgres().await else { return };
    assert_eq!(ask(&rig).await, (StatusCode::OK, json!({ "status": "ok", "warnings": [] })));
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&rig.config.database_url).await.expect("the database opens");
    let left: i64 = sqlx::query_scalar("SELECT CAST(COUNT(*) AS BIGINT) FROM meta WHERE key LIKE 'ready:%'")
        .fetch_one(&pool)
        .await
        .expect("a number");
    assert_eq!(left, 0);
}

/// A server whose files may not grow beyond a size once that is said: a disk that fills up.
pub(crate) async fn serve_on_a_small_disk(program: Command, data: &Path) -> Running {
    let mut command = Command::new("sh");
    for (key, value) in program.as_std().get_envs() {
        command.env(key, value.unwrap_or_default());
    }
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_mailwright")]);
    command.current_dir(data.parent().expect("a folder")).kill_on_drop(true);
    // The log may be a file too, which is not what this is about.
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the server starts");
    greeted(child, true).await
}

pub(crate) async fn limit_files(running: &Running, size: &str) -> bool {
    let pid = running.child.id().expect("a process").to_string();
    let limited = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}:unlimited")]).status().await;
    limited.is_ok_and(|status| status.success())
}

pub(crate) async fn status(client: &reqwest::Client, running: &Running) -> u16 {
    let root = running.api.trim_end_matches("/partner/v1");
    client.get(format!("{root}/readyz")).send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_disk_that_was_full_is_left_behind_when_there_is_space_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (client, running) = (client(), serve_on_a_small_disk(mailwright(&data), &data).await);
    let key = running.key.clone().expect("a key");
    assert_eq!(status(&client, &running).await, 200);
    if !limit_files(&running, "4096").await {
        // Only Linux has that program.
        return;
    }
    while status(&client, &running).await != 503 {}
    let refused = post(&client, &running, &key, "/orders", &order_body(&["acme-one.com"])).await;
    assert_eq!(refused["error"]["code"], "internal", "{refused}");
    assert!(limit_files(&running, "unlimited").await);
    while status(&client, &running).await != 200 {}
    let placed = post(&client, &running, &key, "/orders", &order_body(&["acme-one.com"])).await;
    let id = placed["data"]["id"].as_str().expect("an id").to_owned();
    loop {
        let request = client.get(format!("{}/orders/{id}", running.api)).bearer_auth(&key);
        let order: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        if order["data"]["status"] == "completed" {
            return;
        }
    }
}

/// The sandbox's writer stands still in the middle of an order, and goes on with it.
#[tokio::test]
async fn an_order_that_was_under_way_on_a_full_disk_is_completed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (client, running) = (client(), serve_on_a_small_disk(mailwright(&data), &data).await);
    let key = running.key.clone().expect("a key");
    let names: Vec<_> = (0..20).map(|n| format!("acme-{n}.com")).collect();
    let body = order_body(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let placed = post(&client, &running, &key, "/orders", &body).await;
    let id = placed["data"]["id"].as_str().expect("an id").to_owned();
    if !limit_files(&running, "4096").await {
        return;
    }
    while status(&client, &running).await != 503 {}
    assert!(limit_files(&running, "unlimited").await);
    loop {
        let request = client.get(format!("{}/orders/{id}", running.api)).bearer_auth(&key);
        let order: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        if order["data"]["status"] == "completed" {
            return;
        }
    }
}
