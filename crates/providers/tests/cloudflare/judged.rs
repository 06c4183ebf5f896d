//! The vendor's own client judges both sides: it drives the double, and its types weigh what the adapter sends.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use doubles::cloudflare::{ACCOUNT, ACCOUNT_NAME, PRICE, TOKEN};
use doubles::{Said, Server};
use model::dns::RrType;
use model::domain::DomainName;
use providers::call::Call;
use providers::roles::{DnsHost as _, Purpose, Redirector as _, Registrar as _};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::stage::{Stage, call, set};
use crate::support::start;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/cloudflare")
}

/// Where the judge is installed; `None` where it is not, which must not be in CI.
#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn python() -> Option<PathBuf> {
    let python = folder().join(".venv/bin/python");
    if python.is_file() {
        return Some(python);
    }
    let how = "crates/server/tests/judges/install.sh crates/providers/tests/judges/cloudflare";
    assert!(std::env::var_os("CI").is_none(), "Cloudflare's client is not installed; run {how}");
    eprintln!("skipped: Cloudflare's client is not installed; run {how}");
    None
}

async fn driven(python: &Path, base: &str) -> Output {
    let mut command = Command::new(python);
    command.arg(folder().join("drive.py")).args([&format!("{base}/client/v4"), TOKEN, ACCOUNT]);
    command.output().await.unwrap()
}

#[tokio::test]
async fn the_vendors_client_understands_the_double() {
    let Some(python) = python() else { return };
    let stage = Stage::new().await;
    let output = driven(&python, &stage.double.server.base()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let understood = |what: &str| said.iter().find(|one| one["what"] == what).unwrap()["value"].clone();
    for (what, value) in [
        (
            "check",
            json!([
                ["judged.com", true, null, "11.18"],
                ["taken-one.com", false, "domain_unavailable", null],
                ["premium-one.com", false, "domain_premium", null],
            ]),
        ),
        ("order", json!(["succeeded", true])),
        ("status", json!([true, "succeeded"])),
        ("name", json!(true)),
        ("portfolio", json!(["judged.com", "slow.com"])),
        ("zone", json!([[true, "hosted.com", true]])),
        ("pause", json!(false)),
        ("batch", json!([5, 600.0, true])),
        (
            "records",
            json!([
                ["A", "192.0.2.1"],
                ["CAA", "0 issue \"ca.example\""],
                ["SRV", "0 5 443 a.example"],
                ["TXT", "\"v=spf1 ~all\""],
            ]),
        ),
        ("rules", json!(["first", "judged"])),
        ("rule", json!(["judged", "https://a.example/"])),
        ("gone", json!(true)),
        ("account", json!(ACCOUNT_NAME)),
    ] {
        assert_eq!(understood(what), value, "{what}");
    }
    assert_eq!(stage.paid("judged.com"), (1, 0));
}

#[tokio::test]
async fn the_vendors_client_refuses_junk() {
    let Some(python) = python() else { return };
    let junk = [
        json!({ "success": true, "errors": [], "messages": [], "result": { "domains": "none" } }),
        json!({ "success": true, "errors": [], "messages": [], "result": { "domains": [{ "name": 7, "registrable": true }] } }),
        json!({ "success": true, "errors": [], "messages": [], "result": { "domains": [
            { "name": "a.com", "registrable": false, "reason": "no_reason_at_all" }
        ] } }),
    ];
    for body in junk {
        let server = Server::new(move |_| Said { status: 200, headers: vec![], body: Some(body.clone()) }).await;
        let output = driven(&python, &server.base()).await;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && words.contains("APIResponseValidationError"), "{words}");
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

/// Everything that the adapter sends with a body.
async fn sent() -> Vec<Value> {
    let stage = Stage::new().await;
    let name = call("acme.com");
    stage.adapter.check(&name.world, &[DomainName::stored("acme.com")], Purpose::Buy).await.unwrap();
    let registrant = Some(std::sync::Arc::new(super::orders::registrant()));
    let named = Call { registrant, ..call("named.com") };
    for call in [&named, &name] {
        stage.adapter.ensure_registered(call, PRICE).await.unwrap();
    }
    let expires = super::stage::years_later(start(), 1);
    for (beyond, limit) in [(expires, 9_999), (start(), 0)] {
        let _ = stage.adapter.ensure_renewed(&name, beyond, limit).await;
    }
    stage.adapter.ensure_zone(&call("theirs.com")).await.unwrap();
    let values = [
        (RrType::A, "192.0.2.1"),
        (RrType::Aaaa, "2001:db8::1"),
        (RrType::Mx, "10 mx.example.net"),
        (RrType::Txt, "v=spf1 -all"),
        (RrType::Caa, "0 issue \"ca.example\""),
    ];
    let mut sets = values.map(|(rtype, value)| set("acme.com", rtype, &[value])).to_vec();
    sets.push(set("k.acme.com", RrType::Cname, &["k.example.net"]));
    sets.push(set("_s._tcp.acme.com", RrType::Srv, &["0 5 443 a.example"]));
    sets.push(set("lab.acme.com", RrType::Ns, &["ns1.example.net"]));
    stage.adapter.ensure_records(&name, &sets).await.unwrap();
    sets.iter_mut().for_each(|set| set.ttl = 900);
    stage.adapter.ensure_records(&name, &sets).await.unwrap();
    for target in ["https://one.example/", "https://two.example/"] {
        stage.adapter.ensure_redirect(&name, target).await.unwrap();
    }
    stage.double.redirect_by_hand("theirs.com", "theirs", "true", "https://theirs.example/");
    stage.adapter.ensure_redirect(&call("theirs.com"), "https://one.example/").await.unwrap();
    stage.adapter.ensure_no_zone(&name).await.unwrap();
    let exchanges = stage.seen.all();
    let body = |text: &str| serde_json::from_str::<Value>(text).ok();
    exchanges
        .iter()
        .filter_map(|one| Some(json!({ "operation": one.operation, "body": body(&one.request_body)? })))
        .collect()
}

#[tokio::test]
async fn the_vendors_types_allow_everything_that_is_sent() {
    let Some(python) = python() else { return };
    let sent = sent().await;
    for operation in [
        "check",
        "register",
        "start_renewing",
        "stop_renewing",
        "create_zone",
        "pause_zone",
        "write_records",
        "make_redirects",
        "add_redirect",
        "change_redirect",
    ] {
        assert!(sent.iter().any(|one| one["operation"] == operation), "{operation} was sent");
    }
    for (told, request) in weighed(&python, &sent).await.iter().zip(&sent) {
        assert_eq!(told, "ok", "{request}");
    }
}

#[tokio::test]
async fn the_vendors_types_refuse_junk() {
    let Some(python) = python() else { return };
    let junk = [
        json!({ "operation": "register", "body": { "domain_name": "a.com", "price": 1_046 } }),
        json!({ "operation": "register", "body": { "domain_name": "a.com", "years": "one" } }),
        json!({ "operation": "create_zone", "body": { "name": "a.com" } }),
        json!({ "operation": "write_records", "body": { "posts": [{ "name": "a.com", "type": "TXT", "content": 7, "ttl": 1 }] } }),
        json!({ "operation": "add_redirect", "body": { "action": "lead_astray" } }),
    ];
    for (told, request) in weighed(&python, &junk).await.iter().zip(&junk) {
        assert_ne!(told, "ok", "{request}");
    }
}
