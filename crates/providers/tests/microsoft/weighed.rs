//! The types of the vendor's own client weigh every exchange with Graph: they know each field that is sent and answered. Of the mail
//! service's console there is no description.

use std::path::Path;
use std::process::Stdio;

use model::world::World;
use providers::roles::{Account as _, MailHost as _, MailboxSpec};
use providers::vendor::Exchange;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use url::Url;

use super::judged::{folder, python};
use super::stage::{Stage, spec};

const JANE: &str = "jane@acme.com";

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
    let mut command = Command::new(python);
    command.arg(folder().join("weigh.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines: String = exchanges.iter().map(|one| format!("{one}\n")).collect();
    let mut input = child.stdin.take().unwrap();
    let writing = tokio::spawn(async move { input.write_all(lines.as_bytes()).await.unwrap() });
    let output = child.wait_with_output().await.unwrap();
    writing.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(told.len(), exchanges.len(), "each is judged");
    told
}

/// Everything that the adapter can send to Graph.
async fn exchanged() -> Vec<Exchange> {
    let stage = Stage::prompt().await;
    stage.double.keep_addresses();
    stage.adapter.examine().await.unwrap();
    assert_eq!(stage.adapter.free_seats(&World::live()).await, Ok(Some(1_000)));
    let call = stage.opened("acme.com").await;
    let wanted = [MailboxSpec { picture: Some(vec![1]), ..spec(JANE) }];
    stage.filled(&call, &wanted).await;
    let shown = MailboxSpec { first_name: "June".into(), ..spec(JANE) };
    stage.filled(&call, std::slice::from_ref(&shown)).await;
    stage.double.delete_by_hand(JANE);
    stage.filled(&call, &[shown]).await;
    stage.adapter.ensure_renamed(&call, JANE, &spec("joan@acme.com")).await.unwrap();
    for _ in 0..6 {
        if stage.adapter.ensure_no_domain(&call).await.is_ok() {
            break;
        }
    }
    stage.seen.all().into_iter().filter(|one| one.url.contains("/v1.0/")).collect()
}

#[tokio::test]
async fn the_vendors_types_know_everything_that_is_exchanged() {
    let Some(python) = python() else { return };
    let exchanged = exchanged().await;
    for operation in [
        "list_domains",
        "list_licences",
        "list_users",
        "add_domain",
        "look_at_domain",
        "verify_domain",
        "serve_mail",
        "look_at_user",
        "make_user",
        "find_holder",
        "find_deleted",
        "restore_user",
        "change_user",
        "rename_user",
        "give_licence",
        "look_at_photo",
        "set_photo",
        "list_references",
        "delete_user",
        "remove_domain",
    ] {
        assert!(exchanged.iter().any(|one| one.operation == operation), "{operation} was sent");
    }
    let lines: Vec<_> = exchanged.iter().map(line).collect();
    for (told, line) in weighed(&python, &lines).await.iter().zip(&lines) {
        assert_eq!(told, "ok", "{line}");
    }
}

#[tokio::test]
async fn the_vendors_types_refuse_junk() {
    let Some(python) = python() else { return };
    let one = |method: &str, path: &str, query: &[&str], body: Value, answer: Value| json!({ "method": method, "path": path, "query": query, "body": body, "status": 200, "answer": answer });
    let (users, skus, user) = ("/v1.0/users", "/v1.0/subscribedSkus", json!({ "displayName": "Jane" }));
    let sku = |sku: Value| json!({ "value": [sku] });
    let good = [
        one("POST", users, &[], user.clone(), json!({ "id": "1" })),
        one("GET", skus, &[], Value::Null, sku(json!({ "prepaidUnits": { "enabled": 7 }, "consumedUnits": 2 }))),
    ];
    let junk = [
        one("POST", users, &[], json!({ "colour": "red" }), Value::Null),
        one("POST", users, &[], json!({ "accountEnabled": "yes" }), Value::Null),
        one("POST", users, &[], json!({ "passwordProfile": { "secret": "x" } }), Value::Null),
        one("POST", users, &[], Value::Null, Value::Null),
        one("POST", users, &["dryRun"], user.clone(), Value::Null),
        one("POST", users, &[], user.clone(), json!({ "mailbox": true })),
        one("GET", skus, &[], Value::Null, sku(json!({ "prepaidUnits": { "free": 7 } }))),
        one("POST", "/v1.0/inhabitants", &[], user, Value::Null),
    ];
    assert_eq!(weighed(&python, &good).await, ["ok"; 2]);
    for (told, one) in weighed(&python, &junk).await.iter().zip(&junk) {
        assert_ne!(told, "ok", "{one}");
    }
}
