//! A result that cannot be printed is a failure, and a secret that cannot be shown is none.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::dead_logs::{self, full};
use crate::program::{json, mailwright, run, serve};

/// What stands in the database of keys and endpoints.
async fn secrets(data: &Path) -> Vec<String> {
    let url = format!("sqlite:{}", data.join("mailwright.db").display());
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    let sql = "SELECT id || hash AS it FROM api_keys UNION ALL
        SELECT id || url || secret || COALESCE(old_secret, '') FROM endpoints ORDER BY 1";
    let rows = sqlx::query(sql).fetch_all(&mut db).await.unwrap();
    rows.iter().map(|row| row.get("it")).collect()
}

/// Runs a command whose standard output is a full disk.
async fn into_the_full(data: &Path, args: &[&str]) -> Output {
    mailwright(data).args(args).stdout(full()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().await.unwrap()
}

/// Runs one whose standard output is closed.
async fn into_nothing(data: &Path, args: &[&str]) -> Output {
    let settings = mailwright(data);
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-c", r#""$0" "$@" >&-"#, env!("CARGO_BIN_EXE_mailwright")]).args(args);
    for (name, value) in settings.as_std().get_envs() {
        shell.env(name, value.unwrap());
    }
    shell.current_dir(data.parent().unwrap()).output().await.unwrap()
}

fn failed(output: &Output, words: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("standard output") && error.contains(words), "{error}");
}

async fn set_up(data: &Path) {
    drop(serve(data).await.child.kill().await);
    let url = "http://127.0.0.1:1/";
    json(data, &["webhooks", "set", "--partner", "Sandbox", "--environment", "test", "--url", url]).await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_shown_is_never_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    set_up(&data).await;
    let before = secrets(&data).await;
    let whose = ["--partner", "Sandbox", "--environment", "test"];
    let url = ["--url", "http://127.0.0.1:2/"];
    let live = ["--partner", "Sandbox", "--environment", "live", "--url", "https://hooks.acme.com/"];
    for command in [
        [&["keys", "create"], &whose[..]].concat(),
        [&["webhooks", "rotate"], &whose[..]].concat(),
        [&["webhooks", "set"], &whose[..], &url].concat(),
        [&["webhooks", "set"], &live[..]].concat(),
    ] {
        for format in [&["--format", "json"][..], &[]] {
            let command = [&command, format].concat();
            failed(&into_the_full(&data, &command).await, "not in force");
            failed(&into_nothing(&data, &command).await, "not in force");
            assert_eq!(secrets(&data).await, before, "{command:?}");
        }
    }
    // What can be shown is in force as before.
    json(&data, &[&["webhooks", "rotate"], &whose[..]].concat()).await;
    json(&data, &[&["keys", "create"], &whose[..]].concat()).await;
    assert_eq!(secrets(&data).await.len(), before.len() + 1);
}

#[tokio::test]
async fn a_first_key_that_cannot_be_shown_is_made_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    failed(&into_the_full(&data, &["serve"]).await, "none was made");
    assert_eq!(json(&data, &["keys", "list"]).await, json!([]));
    let mut started = dead_logs::serve(&data, Stdio::inherit()).await;
    started.child.kill().await.unwrap();
    assert_eq!(json(&data, &["keys", "list"]).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_server_needs_nobody_to_greet() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    set_up(&data).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = mailwright(&data);
    command.args(["serve", "--listen", &free.to_string()]).env("MAILWRIGHT_LOG", "info");
    let mut child = command.stdout(full()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = tokio::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    tokio::io::AsyncBufReadExt::read_line(&mut log, &mut line).await.unwrap();
    assert!(line.contains("nobody sees the greeting"), "{line}");
    let client = crate::program::client();
    // It was bound before it greeted, so that the request waits for it.
    let health = client.get(format!("http://{free}/healthz")).send().await.unwrap();
    assert_eq!(health.json::<Value>().await.unwrap()["status"], "ok");
}

#[tokio::test]
async fn every_command_fails_with_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    set_up(&data).await;
    for command in [
        &["check-config"][..],
        &["check-config", "--defaults"],
        &["doctor"],
        &["migrate"],
        &["partners", "list"],
        &["partners", "create", "--name", "Zeta"],
        &["keys", "list"],
        &["webhooks", "list", "--partner", "Sandbox"],
        &["orders", "list"],
        &["orders", "list", "--format", "json"],
        &["sim", "ledger"],
        &["demo"],
    ] {
        failed(&into_the_full(&data, command).await, "cannot be written");
    }
}

#[tokio::test]
async fn what_turns_text_around_is_spelled_out_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    set_up(&data).await;
    let odd = run(&data, &["partners", "create", "--name", "Zeta\u{202e}exe"]).await;
    assert_eq!(odd.status.code(), Some(2));
    // As an older version may have let it in.
    let url = format!("sqlite:{}", data.join("mailwright.db").display());
    let mut db = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("UPDATE partners SET name = 'Zeta\u{202e}\u{1b}[2Jexe'").execute(&mut db).await.unwrap();
    let listed = run(&data, &["partners", "list"]).await;
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(text.contains(r"Zeta\u202e\u001b[2Jexe"), "{text}");
    let listed = json(&data, &["partners", "list"]).await;
    assert_eq!(listed[0]["name"], "Zeta\u{202e}\u{1b}[2Jexe", "for programs it is the same value");
}
