//! The official Standard Webhooks libraries judge what we send: they accept it, and refuse it when a
//! byte is changed.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::support::{Rig, order_body};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges")
}

/// The judges that are installed. In CI all must be.
pub(crate) fn judges() -> Vec<(&'static str, Vec<PathBuf>)> {
    let node = folder().join("node_modules/standardwebhooks").is_dir();
    let python = folder().join(".venv/bin/python");
    let mut judges = vec![];
    if node {
        judges.push(("npm", vec![PathBuf::from("node"), folder().join("verify.mjs")]));
    }
    if python.is_file() {
        judges.push(("PyPI", vec![python, folder().join("verify.py")]));
    }
    assert!(judges.len() == 2 || !in_ci(), "the judges are not installed; run crates/server/tests/judges/install.sh");
    judges
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

pub(crate) async fn accepts(judge: &[PathBuf], message: &Value) -> bool {
    let mut command = Command::new(&judge[0]);
    let mut child =
        command.args(&judge[1..]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the judge starts");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(message.to_string().as_bytes()).await.expect("written");
    drop(input);
    match child.wait().await.expect("it ends").code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("the judge was misused: {other:?}"),
    }
}

#[tokio::test]
async fn official_libraries_accept_what_we_send_and_notice_a_changed_byte() {
    let judges = judges();
    let rig = Rig::sqlite().await;
    let (_, secret) = rig.endpoint("https://example.com/hooks").await;
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let sent = rig.courier.sent();
    assert_eq!(sent.len(), 3);
    for (name, judge) in &judges {
        for one in &sent {
            let header = |key: &str| one.headers[key].clone();
            let headers = json!({ "webhook-id": header("webhook-id"), "webhook-timestamp": header("webhook-timestamp"), "webhook-signature": header("webhook-signature") });
            let mut message = json!({ "secret": secret.expose_secret(), "headers": headers, "body": one.body, "now": crate::support::NOW.seconds() });
            assert!(accepts(judge, &message).await, "{name} refuses {}", one.kind());
            message["body"] = json!(one.body.replacen("acme", "acmf", 1));
            assert!(!accepts(judge, &message).await, "{name} accepts a changed byte");
        }
    }
}
