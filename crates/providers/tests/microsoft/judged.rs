//! The vendor's own client reads what the double answers, and says what its types do not know of it.

use std::path::{Path, PathBuf};
use std::process::Output;

use doubles::graph::{CLIENT, SECRET, TENANT};
use doubles::{Said, Server};
use providers::roles::MailHost as _;
use serde_json::{Value, json};
use tokio::process::Command;

use super::stage::{Stage, call};

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/microsoft")
}

/// Where the judge is installed; `None` where it is not, which must not be in CI.
#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
pub(super) fn python() -> Option<PathBuf> {
    let python = folder().join(".venv/bin/python");
    if python.is_file() {
        return Some(python);
    }
    let how = "crates/server/tests/judges/install.sh crates/providers/tests/judges/microsoft";
    assert!(std::env::var_os("CI").is_none(), "Microsoft's client is not installed; run {how}");
    eprintln!("skipped: Microsoft's client is not installed; run {how}");
    None
}

async fn read(python: &Path, base: &str) -> Output {
    let mut command = Command::new(python);
    command.arg(folder().join("read.py")).args([base, TENANT, CLIENT, SECRET]);
    command.output().await.unwrap()
}

#[tokio::test]
async fn the_vendors_client_understands_the_double() {
    let Some(python) = python() else { return };
    let stage = Stage::prompt().await;
    stage.publish(&stage.adapter.ensure_domain(&call("judged.com")).await.unwrap());
    let output = read(&python, &stage.double.server.base()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let understood = |what: &str| said.iter().find(|one| one["what"] == what).unwrap()["value"].clone();
    for (what, value) in [
        ("added", json!(["more.com", false, "Managed"])),
        ("proof", json!([["DomainDnsTxtRecord", "judged.com", 3600], ["DomainDnsMxRecord", "judged.com", 3600]])),
        ("text", json!(true)),
        ("verified", json!(true)),
        ("serves", json!(["Email"])),
        (
            "wanted",
            json!([
                ["DomainDnsMxRecord", "Email"],
                ["DomainDnsTxtRecord", "Email"],
                ["DomainDnsCnameRecord", "Email"],
                ["DomainDnsSrvRecord", "OfficeCommunicationsOnline"],
            ]),
        ),
        ("exchange", json!(["judged-com.mail.protection.outlook.com", 0, "autodiscover.outlook.com", 443])),
        ("domains", json!(["acme.onmicrosoft.com", "judged.com", "more.com"])),
        ("sku", json!(["EXCHANGESTANDARD", 0, 1000])),
        ("made", json!(["jane@judged.com", "Jane Doe"])),
        ("again", json!([400, "Request_BadRequest", "ObjectConflict"])),
        ("seen", json!(["jane@judged.com", ["SMTP:jane@judged.com"], "US", "mailwright"])),
        ("licensed", json!(true)),
        ("photo", json!(48)),
        ("renamed", json!(["joan@judged.com", ["SMTP:joan@judged.com", "smtp:jane@judged.com"]])),
        ("used", json!(["User"])),
        ("back", json!(["User", true])),
    ] {
        assert_eq!(understood(what), value, "{what}");
    }
}

/// A field that its types do not know, and a number where a list belongs.
#[tokio::test]
async fn the_vendors_client_refuses_junk() {
    let Some(python) = python() else { return };
    for (body, word) in [
        (json!({ "id": "more.com", "colour": "red" }), "colour"),
        (json!({ "id": "more.com", "supportedServices": 7 }), "TypeError"),
    ] {
        let server = Server::new(move |_| Said { status: 201, headers: vec![], body: Some(body.clone()) }).await;
        let output = read(&python, &server.base()).await;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && words.contains(word), "{words}");
        assert_eq!(server.asked().len(), 2, "it stops at the first answer behind the token");
    }
}
