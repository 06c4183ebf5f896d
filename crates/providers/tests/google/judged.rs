//! The vendor's own descriptions and client judge both sides: they weigh every exchange, and the client drives the double.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use doubles::google::ADMIN;
use doubles::{Said, Server};
use model::clock::{Clock as _, SystemClock};
use providers::roles::{Account as _, MailHost as _, MailboxSpec};
use providers::vendor::Exchange;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use url::Url;

use super::stage::{LICENCE, Stage, spec};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/google")
}

/// Where the judge is installed; `None` where it is not, which must not be in CI.
#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn python() -> Option<PathBuf> {
    let python = folder().join(".venv/bin/python");
    if python.is_file() {
        return Some(python);
    }
    let how = "crates/server/tests/judges/install.sh crates/providers/tests/judges/google";
    assert!(std::env::var_os("CI").is_none(), "Google's client is not installed; run {how}");
    eprintln!("skipped: Google's client is not installed; run {how}");
    None
}

/// Runs one of the judge's programs with this to read.
async fn run(python: &Path, program: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(python);
    command.arg(folder().join(program)).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    child.wait_with_output().await.unwrap()
}

#[tokio::test]
async fn the_vendors_client_understands_the_double() {
    let Some(python) = python() else { return };
    let stage = Stage::prompt().await;
    stage.opened("ready.com").await;
    // The client signs by this machine's clock.
    stage.double.pass_to(SystemClock.now().seconds());
    let output = run(&python, "drive.py", &[&stage.double.server.base(), ADMIN], &stage.double.key_file()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let understood = |what: &str| said.iter().find(|one| one["what"] == what).unwrap()["value"].clone();
    for (what, value) in [
        ("added", json!(["judged.com", false])),
        ("proof", json!(true)),
        ("early", json!(400)),
        ("made", json!(["jane@ready.com", false])),
        ("again", json!([409, "duplicate"])),
        ("set up", json!(true)),
        ("aliases", json!(["jane@ready.com"])),
        ("licence", json!(["joan@ready.com", "1010020027"])),
        ("listed", json!(["joan@ready.com"])),
        ("deleted", json!([true])),
        ("back", json!(true)),
    ] {
        assert_eq!(understood(what), value, "{what}");
    }
}

/// It does not look at answers, and so refuses only what it cannot use: no token.
#[tokio::test]
async fn the_vendors_client_refuses_junk() {
    let Some(python) = python() else { return };
    let stage = Stage::prompt().await;
    for body in [json!({}), json!({ "token": "none" })] {
        let server = Server::new(move |_| Said { status: 200, headers: vec![], body: Some(body.clone()) }).await;
        let key = stage.double.key_file().replace(&stage.double.server.base(), &server.base());
        let output = run(&python, "drive.py", &[&server.base(), ADMIN], &key).await;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && words.contains("RefreshError"), "{words}");
    }
}

/// An exchange as the judge reads it.
fn line(exchange: &Exchange) -> Value {
    let url = Url::parse(&exchange.url).unwrap();
    let query: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    let answer = exchange.answer.as_ref();
    json!({
        "method": exchange.method, "path": url.path(), "query": query, "body": read(&exchange.request_body),
        "status": answer.map_or(0, |answer| answer.status), "answer": answer.and_then(|answer| read(&answer.body)),
    })
}

async fn weighed(python: &Path, exchanges: &[Value]) -> Vec<String> {
    let lines: String = exchanges.iter().map(|one| format!("{one}\n")).collect();
    let output = run(python, "weigh.py", &[], &lines).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Everything that the adapter can send.
async fn exchanged() -> Vec<Exchange> {
    let stage = Stage::with(LICENCE).await;
    stage.adapter.examine().await.unwrap();
    let call = stage.opened("acme.com").await;
    let wanted = [MailboxSpec { picture: Some(vec![1]), ..spec("jane@acme.com") }];
    let fill = async || stage.filled(&call, &wanted).await;
    fill().await;
    stage.adapter.ensure_renamed(&call, "jane@acme.com", &spec("joan@acme.com")).await.unwrap();
    fill().await;
    stage.double.delete_by_hand("jane@acme.com");
    fill().await;
    let shown = MailboxSpec { first_name: "June".into(), ..spec("jane@acme.com") };
    stage.adapter.ensure_renamed(&call, "jane@acme.com", &shown).await.unwrap();
    stage.double.forget_alias("joan@acme.com");
    stage.adapter.ensure_renamed(&call, "joan@acme.com", &spec("jill@acme.com")).await.unwrap();
    stage.adapter.ensure_no_domain(&call).await.unwrap();
    stage.seen.all()
}

#[tokio::test]
async fn the_vendors_descriptions_allow_everything_that_is_exchanged() {
    let Some(python) = python() else { return };
    let exchanged: Vec<_> = exchanged().await.into_iter().filter(|one| one.operation != "get_token").collect();
    for operation in [
        "look_at_domain",
        "add_domain",
        "list_domains",
        "remove_domain",
        "ask_for_proof",
        "prove",
        "list_sites",
        "look_at_user",
        "make_user",
        "change_user",
        "rename_user",
        "delete_user",
        "undelete_user",
        "list_users",
        "drop_alias",
        "keep_alias",
        "set_photo",
        "look_at_licence",
        "give_licence",
        "take_licence",
        "list_licences",
    ] {
        assert!(exchanged.iter().any(|one| one.operation == operation), "{operation} was sent");
    }
    let lines: Vec<_> = exchanged.iter().map(line).collect();
    for (told, line) in weighed(&python, &lines).await.iter().zip(&lines) {
        assert_eq!(told, "ok", "{line}");
    }
}

#[tokio::test]
async fn the_vendors_descriptions_refuse_junk() {
    let Some(python) = python() else { return };
    let user = json!({ "primaryEmail": "a@b.c", "name": { "givenName": "a", "familyName": "b" }, "password": "x" });
    let with = |name: &str, value: Value| {
        let mut user = user.clone();
        user[name] = value;
        user
    };
    let one = |method: &str, path: &str, query: &[&str], body: Value, answer: Value| json!({ "method": method, "path": path, "query": query, "body": body, "status": 200, "answer": answer });
    let users = "/admin/directory/v1/users";
    let good = one("POST", users, &[], user.clone(), Value::Null);
    let junk = [
        one("POST", users, &[], with("colour", json!("red")), Value::Null),
        one("POST", users, &[], with("suspended", json!("no")), Value::Null),
        one("POST", users, &[], with("name", json!({ "givenName": "a" })), Value::Null),
        one("POST", users, &["dryRun"], user.clone(), Value::Null),
        one("POST", users, &[], Value::Null, Value::Null),
        one("POST", users, &[], user.clone(), json!({ "isMailboxSetup": "yes" })),
        one("POST", users, &[], user.clone(), json!({ "mailbox": true })),
        one("POST", "/admin/directory/v1/people", &[], user, Value::Null),
    ];
    assert_eq!(weighed(&python, &[good]).await, ["ok"]);
    for (told, one) in weighed(&python, &junk).await.iter().zip(&junk) {
        assert_ne!(told, "ok", "{one}");
    }
}
