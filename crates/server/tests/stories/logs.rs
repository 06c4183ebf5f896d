//! What the server's log says to the operator.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

use crate::program::{Running, client, greeted, mailwright, post, refused};
use crate::support::order_body;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A server with its log, line by line as JSON.
struct Logged {
    running: Running,
    log: Lines<BufReader<ChildStderr>>,
}

async fn serve(data: &Path, settings: &[(&str, &str)]) -> Logged {
    let mut command = mailwright(data);
    command.args(["serve", "--log-format", "json"]).env("MAILWRIGHT_LOG", "warn");
    let mut child: Child = command
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let log = BufReader::new(child.stderr.take().expect("its log")).lines();
    Logged { running: greeted(child, true).await, log }
}

impl Logged {
    /// The first line with this message.
    async fn line(&mut self, message: &str) -> Value {
        while let Some(line) = self.log.next_line().await.expect("text") {
            let line: Value = serde_json::from_str(&line).expect("JSON");
            if line["message"].as_str().is_some_and(|text| text.contains(message)) {
                return line;
            }
        }
        panic!("the log has ended without {message:?}")
    }
}

#[tokio::test]
async fn what_waits_for_somebody_is_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = serve(&folder.path().join("data"), &[]).await;
    let key = server.running.key.clone().expect("a key");
    let body = order_body(&["action-capacity-acme.com"]);
    let traceparent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let request = client().post(format!("{}/orders", server.running.api)).bearer_auth(&key).json(&body);
    let answer = request.header("traceparent", traceparent).send().await.expect("an answer");
    let order: Value = answer.json().await.expect("JSON");
    let line = server.line("a pending action has opened").await;
    assert_eq!(line["level"], "WARN");
    assert_eq!((&line["domain"], &line["reason"]), (&json!("action-capacity-acme.com"), &json!("licence_capacity")));
    assert_eq!(line["order"], order["data"]["id"]);
    // However little is logged, and although another task writes what was decided.
    let run = &line["spans"][0];
    assert_eq!((&run["name"], &run["order"], &run["trace_id"]), (&json!("run"), &order["data"]["id"], &json!(TRACE)));
    for (field, prefix) in [("run", "run_"), ("domain", "dom_"), ("partner", "org_")] {
        assert!(run[field].as_str().is_some_and(|id| id.starts_with(prefix)), "{line}");
    }
}

#[tokio::test]
async fn every_line_says_which_request_delivery_or_call_it_is_about_in_text_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut child = mailwright(&data);
    let child = child.arg("serve").env("MAILWRIGHT_LOG", "info").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("the server starts");
    let mut log = BufReader::new(child.stderr.take().expect("its log")).lines();
    let running = greeted(child, true).await;
    let key = running.key.clone().expect("a key");
    let order = post(&client(), &running, &key, "/orders", &order_body(&["action-capacity-acme.com"])).await;
    let id = order["data"]["id"].as_str().expect("an id");
    let request = line_with(&mut log, "answered").await;
    for part in
        ["request{request_id=req_", "path=\"/partner/v1/orders\"", "partner=org_", "key=key_", &format!("order={id}")]
    {
        assert!(request.contains(part), "{part} in {request}");
    }
    assert_eq!(request.matches("order=").count(), 1, "{request}");
    let asked = line_with(&mut log, "a pending action has opened").await;
    for part in ["run{partner=org_", "domain=dom_", "run=run_", &format!("order={id}")] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
}

async fn line_with(log: &mut Lines<BufReader<ChildStderr>>, message: &str) -> String {
    while let Some(line) = log.next_line().await.expect("text") {
        if line.contains(message) {
            return line;
        }
    }
    panic!("the log has ended without {message:?}")
}

#[tokio::test]
async fn a_word_that_is_no_level_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = mailwright(&data).arg("serve").env("MAILWRIGHT_LOG", "verbose").output().await.expect("it runs");
    refused(&output, &["log", "verbose", "info"]);
}
