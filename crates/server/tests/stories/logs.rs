//! What the server's log says to the operator.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

use crate::program::{Running, client, greeted, mailwright, post, refused};
use crate::support::order_body;

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
    let order = post(&client(), &server.running, &key, "/orders", &body).await;
    let line = server.line("a pending action has opened").await;
    assert_eq!(line["level"], "WARN");
    assert_eq!((&line["domain"], &line["reason"]), (&json!("action-capacity-acme.com"), &json!("licence_capacity")));
    assert_eq!(line["order"], order["data"]["id"]);
}

#[tokio::test]
async fn a_word_that_is_no_level_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = mailwright(&data).arg("serve").env("MAILWRIGHT_LOG", "verbose").output().await.expect("it runs");
    refused(&output, &["log", "verbose", "info"]);
}
