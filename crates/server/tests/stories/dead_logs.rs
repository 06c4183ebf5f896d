//! A log that cannot be written, or that nobody reads, costs lines and nothing else.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

use crate::program::{Running, client, greeted, mailwright, post};
use crate::support::order_body;

/// What must not hang gets this long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn full() -> Stdio {
    Stdio::from(File::options().write(true).open("/dev/full").expect("a full device"))
}

pub(crate) async fn serve(data: &Path, stderr: Stdio) -> Running {
    let mut command = mailwright(data);
    command.arg("serve").env("MAILWRIGHT_LOG", "info").env("MAILWRIGHT_RATE_LIMIT__PER_MINUTE", "0");
    let child = command.stdout(Stdio::piped()).stderr(stderr).spawn().expect("the server starts");
    greeted(child, true).await
}

/// Orders are answered and carried out, and the server ends when it is told to.
pub(crate) async fn works(running: &mut Running) {
    let (client, key) = (client(), running.key.clone().expect("a key"));
    let order = post(&client, running, &key, "/orders", &order_body(&["acme-one.com"])).await;
    let path = format!("{}/orders/{}/timeline", running.api, order["data"]["id"].as_str().expect("an order"));
    let follow = client.get(path).bearer_auth(&key).header("accept", "text/event-stream").send();
    let stream = follow.await.expect("an answer").text().await.expect("it ends with the order");
    assert!(stream.contains("\"completed\""), "{stream}");
    stop(running).await;
}

pub(crate) async fn stop(running: &mut Running) {
    let pid = running.child.id().expect("a process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs").success());
    let ended = tokio::time::timeout(PATIENCE, running.child.wait()).await;
    assert_eq!(ended.expect("it ends").expect("it ran").code(), Some(0));
}

#[tokio::test]
async fn a_full_disk_under_the_log_stops_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut running = serve(&folder.path().join("data"), full()).await;
    tokio::time::timeout(PATIENCE, works(&mut running)).await.expect("nothing hangs");
}

#[tokio::test]
async fn a_log_whose_reader_is_gone_stops_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut running = serve(&folder.path().join("data"), Stdio::piped()).await;
    drop(running.child.stderr.take());
    tokio::time::timeout(PATIENCE, works(&mut running)).await.expect("nothing hangs");
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut running = serve(&folder.path().join("data"), Stdio::piped()).await;
    let mut unread = running.child.stderr.take().expect("its log");
    let (client, key) = (client(), running.key.clone().expect("a key"));
    let flooding = async {
        // Several times what a pipe holds, in lines of two hundred bytes.
        for _ in 0..2_000 {
            let answer = client.get(format!("{}/me", running.api)).bearer_auth(&key).send().await;
            assert_eq!(answer.expect("an answer").status(), 200);
        }
    };
    tokio::time::timeout(PATIENCE, flooding).await.expect("every request is answered");
    tokio::time::timeout(PATIENCE, works(&mut running)).await.expect("nothing hangs");
    let mut text = vec![];
    unread.read_to_end(&mut text).await.expect("what was written");
    assert!(text.len() < 1 << 20, "it was not written: {}", text.len());
}

/// Without a key nobody fills the log: long paths are cut, and refusals are counted instead of written.
#[tokio::test]
async fn a_flood_of_refusals_is_counted_and_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let log = data.with_extension("log");
    let mut command = mailwright(&data);
    command.args(["serve", "--log-format", "json"]).env("MAILWRIGHT_LOG", "info");
    let mut child =
        command.stdout(Stdio::piped()).stderr(File::create(&log).expect("a log")).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let (mut api, mut key) = (String::new(), String::new());
    while key.is_empty() {
        let line = lines.next_line().await.expect("text").expect("the key comes last");
        if let Some(address) = line.trim().strip_prefix("API ") {
            address.trim().clone_into(&mut api);
        }
        if line.trim().starts_with("pk_test_") {
            line.trim().clone_into(&mut key);
        }
    }
    let (client, long) = (client(), "x".repeat(12_000));
    for path in ["me", long.as_str()] {
        for _ in 0..300 {
            let answer = client.get(format!("{api}/{path}")).send().await.expect("an answer");
            assert!(answer.status().is_client_error());
            let body: Value = answer.json().await.expect("JSON");
            assert!(body.to_string().len() < 1_000);
        }
    }
    // The next line that is written says how many were not.
    assert_eq!(client.get(format!("{api}/me")).bearer_auth(&key).send().await.expect("an answer").status(), 200);
    let mut running = Running { child, api, key: Some(key), operator: String::new() };
    stop(&mut running).await;
    let text = std::fs::read_to_string(&log).expect("the log");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(text.lines().all(|line| line.len() < 1_000), "paths are cut");
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    let left_out: u64 = answered.iter().filter_map(|line| line["left_out"].as_u64()).sum();
    assert_eq!(answered.len() as u64 + left_out, 601);
    assert!(left_out > 0 && answered.last().is_some_and(|line| line["status"] == json!(200)));
}
