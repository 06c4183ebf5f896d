//! A client that others have made from the vendor's own description judges both sides: it drives the double, and its signatures
//! weigh what the adapter sends.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use doubles::instantly::API_KEY;
use doubles::{Said, Server};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::stage::Stage;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/instantly")
}

/// Where the judge is installed; `None` where it is not, which must not be in CI.
#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn python() -> Option<PathBuf> {
    let python = folder().join(".venv/bin/python");
    if python.is_file() {
        return Some(python);
    }
    let how = "crates/server/tests/judges/install.sh crates/providers/tests/judges/instantly";
    assert!(std::env::var_os("CI").is_none(), "Instantly's client is not installed; run {how}");
    eprintln!("skipped: Instantly's client is not installed; run {how}");
    None
}

async fn driven(python: &Path, base: &str) -> Output {
    let mut command = Command::new(python);
    command.arg(folder().join("drive.py")).args([base, API_KEY]).output().await.unwrap()
}

#[tokio::test]
async fn the_client_understands_the_double() {
    let Some(python) = python() else { return };
    let stage = Stage::new().await;
    stage.double.open_mailbox("jane.doe@judged.com", "opens");
    let output = driven(&python, &stage.double.server.base()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let said: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let understood = |what: &str| said.iter().find(|one| one["what"] == what).unwrap()["value"].clone();
    for (what, value) in [
        ("created", json!(["jane.doe@judged.com", 1, 2, 30.0])),
        ("shut", json!(-1)),
        ("changed", json!(40.0)),
        ("listed", json!(["jane.doe@judged.com", "shut@judged.com"])),
        ("searched", json!(["shut@judged.com"])),
        ("paused", json!(2)),
        ("resumed", json!(1)),
        ("fixed", json!(-1)),
        ("vitals", json!(["success", 1, 1])),
        ("warming", json!("pending")),
        ("warmed", json!(1)),
        ("deleted", json!("jane.doe@judged.com")),
        ("gone", json!(404)),
    ] {
        assert_eq!(understood(what), value, "{what}");
    }
}

#[tokio::test]
async fn the_client_refuses_junk() {
    let Some(python) = python() else { return };
    let good = {
        let stage = Stage::new().await;
        stage.linked(&stage.inbox("jane@acme.com")).await;
        let heard = stage.seen.all().into_iter().find(|one| one.operation == "link").unwrap();
        serde_json::from_str::<Value>(&heard.answer.unwrap().body).unwrap()
    };
    for (name, junk) in [
        ("email", json!("no address")),
        ("timestamp_created", json!("yesterday")),
        ("organization", json!("acme")),
        ("provider_code", json!("two")),
        ("setup_pending", json!("perhaps")),
        ("status", json!(7)),
    ] {
        let mut body = good.clone();
        body[name] = junk;
        let server = Server::new(move |_| Said { status: 200, headers: vec![], body: Some(body.clone()) }).await;
        let output = driven(&python, &server.base()).await;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let refused = words.contains("ValidationError") || words.contains("AssertionError");
        assert!(!output.status.success() && refused, "{name}: {words}");
        assert_eq!(server.asked().len(), 1, "it stops at the first");
    }
}

/// What the judge says of requests, one line each.
async fn weighed(python: &Path, requests: &[Value]) -> Vec<String> {
    let mut command = Command::new(python);
    command.arg(folder().join("weigh.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines: String = requests.iter().map(|request| format!("{request}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_clients_signatures_allow_everything_that_is_sent() {
    let Some(python) = python() else { return };
    let stage = Stage::new().await;
    stage.linked(&stage.inbox("jane@acme.com")).await;
    let exchanges = stage.seen.all();
    let body = |text: &str| serde_json::from_str::<Value>(text).ok();
    let sent: Vec<_> = exchanges
        .iter()
        .filter_map(|one| Some(json!({ "operation": one.operation, "body": body(&one.request_body)? })))
        .collect();
    let operations: Vec<_> = sent.iter().map(|one| one["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["link", "warm_up"]);
    for (told, request) in weighed(&python, &sent).await.iter().zip(&sent) {
        assert_eq!(told, "ok", "{request}");
    }
}

#[tokio::test]
async fn the_clients_signatures_refuse_junk() {
    let Some(python) = python() else { return };
    let junk = [
        json!({ "operation": "link", "body": { "email": "a@acme.com" } }),
        json!({ "operation": "change", "body": { "limit": 7 } }),
        json!({ "operation": "change", "body": { "daily_limit": "7" } }),
        json!({ "operation": "change", "body": { "warmup": { "a_day": 7 } } }),
        json!({ "operation": "warm_up", "body": { "emails": "a@acme.com" } }),
    ];
    let told = weighed(&python, &junk).await;
    assert_eq!(told.len(), junk.len());
    for (told, request) in told.iter().zip(&junk) {
        assert_ne!(told, "ok", "{request}");
    }
}
