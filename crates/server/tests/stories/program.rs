//! The program itself, as a process: started, killed, refused.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::support::order_body;

pub(crate) fn mailwright(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailwright"));
    command
        .env("MAILWRIGHT_DATA", data)
        .env("MAILWRIGHT_LISTEN", "127.0.0.1:0")
        .env("MAILWRIGHT_OPERATOR_LISTEN", "127.0.0.1:0")
        .env("MAILWRIGHT_DEVELOPMENT", "true")
        .env("MAILWRIGHT_LOG", "error")
        .current_dir(data.parent().expect("a folder"))
        .kill_on_drop(true);
    command
}

/// A server that answers, and the key it printed if it was its first start.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) api: String,
    pub(crate) key: Option<String>,
    /// Where the operator's listener is.
    pub(crate) operator: String,
}

pub(crate) async fn serve(data: &Path) -> Running {
    let fresh = !data.join("mailwright.db").exists();
    let child = mailwright(data).arg("serve").stdout(Stdio::piped()).spawn().expect("the server starts");
    greeted(child, fresh).await
}

/// A server that has said where it is, and at its first start its key. What else it says is read and forgotten.
pub(crate) async fn greeted(mut child: Child, fresh: bool) -> Running {
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let (mut api, mut operator, mut key) = (String::new(), String::new(), None);
    while let Some(line) = lines.next_line().await.expect("text") {
        let line = line.trim();
        if let Some(address) = line.strip_prefix("API ") {
            address.trim().clone_into(&mut api);
        }
        if let Some(address) = line.strip_prefix("operator ") {
            operator = address.trim().split(' ').next().unwrap_or_default().to_owned();
        }
        if line.starts_with("pk_test_") {
            key = Some(line.to_owned());
        }
        if key.is_some() || (!fresh && line.starts_with("data")) {
            break;
        }
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Running { child, api, key, operator }
}

pub(crate) async fn run(data: &Path, args: &[&str]) -> Output {
    // A command that should be refused and serves instead must fail its test, not hang it.
    let running = mailwright(data).args(args).output();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(120), running).await;
    ended.expect("the command ends").expect("the command runs")
}

pub(crate) async fn json(data: &Path, args: &[&str]) -> Value {
    let output = run(data, &[args, &["--format", "json"]].concat()).await;
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON value")
}

/// A receiver on this machine; what it gets comes out of the channel.
pub(crate) async fn receiver() -> (String, mpsc::UnboundedReceiver<Value>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (sender, received) = mpsc::unbounded_channel();
    let router = axum::Router::new().fallback(move |body: String| {
        let sender = sender.clone();
        async move {
            drop(sender.send(serde_json::from_str(&body).expect("JSON")));
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

pub(crate) async fn post(client: &reqwest::Client, running: &Running, key: &str, path: &str, body: &Value) -> Value {
    let request = client.post(format!("{}{path}", running.api)).bearer_auth(key).json(body);
    request.send().await.expect("an answer").json().await.expect("JSON")
}

async fn get(client: &reqwest::Client, running: &Running, key: &str, path: &str) -> Value {
    let request = client.get(format!("{}{path}", running.api)).bearer_auth(key);
    request.send().await.expect("an answer").json().await.expect("JSON")
}

pub(crate) fn client() -> reqwest::Client {
    // Building the guarded client installs the crypto provider that every client needs.
    providers::egress::Egress::new(true).expect("a client");
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

#[tokio::test]
async fn a_killed_server_goes_on_and_buys_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (client, (url, mut received)) = (client(), receiver().await);
    let mut running = serve(&data).await;
    let key = running.key.take().expect("a key");
    json(&data, &["webhooks", "set", "--partner", "Sandbox", "--environment", "test", "--url", &url]).await;

    let names: Vec<_> = (0..50).map(|n| format!("acme-{n}.com")).collect();
    let body = order_body(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let receipt = post(&client, &running, &key, "/orders", &body).await;
    let id = receipt["data"]["id"].as_str().expect("an id").to_owned();
    let mut told = HashSet::new();
    while let Some(event) = received.recv().await {
        told.insert(event["id"].as_str().expect("an id").to_owned());
        if event["type"] == "domain.connected" {
            break;
        }
    }
    running.child.kill().await.expect("killed");

    let running = serve(&data).await;
    while let Some(event) = received.recv().await {
        told.insert(event["id"].as_str().expect("an id").to_owned());
        if told.len() == 52 {
            break;
        }
    }
    let order = get(&client, &running, &key, &format!("/orders/{id}")).await;
    assert_eq!(order["data"]["status"], "completed");
    let mut written = HashSet::new();
    for kind in ["order.in_progress", "domain.connected", "order.completed"] {
        let events = get(&client, &running, &key, &format!("/events?per_page=100&type={kind}")).await;
        let events = events["data"].as_array().expect("a list");
        written.extend(events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()));
    }
    assert_eq!(written, told, "every event was told and none was made up");

    let ledger = json(&data, &["sim", "ledger"]).await;
    assert_eq!(json(&data, &["sim", "ledger", "--partner", "Sandbox"]).await, ledger);
    json(&data, &["partners", "create", "--name", "Zeta"]).await;
    assert_eq!(json(&data, &["sim", "ledger", "--partner", "Zeta"]).await, serde_json::json!([]));
    assert_eq!(run(&data, &["sim", "ledger", "--partner", "Nobody"]).await.status.code(), Some(2));
    let sold: Vec<_> = ledger.as_array().expect("a list").iter().filter(|one| one["effect"] == "registered").collect();
    assert!(sold.iter().all(|one| one["price_cents"] == 1300 && one["partner_at"].is_string()), "{sold:?}");
    let text = String::from_utf8(run(&data, &["sim", "ledger", "--format", "text"]).await.stdout).expect("text");
    let header: Vec<_> = text.lines().next().expect("a header").split("  ").filter(|cell| !cell.is_empty()).collect();
    let header: Vec<_> = header.iter().map(|cell| cell.trim()).collect();
    assert_eq!(header, ["AT", "PARTNER TIME", "ROLE", "EFFECT", "SUBJECT", "CENTS", "REFERENCE"]);
    let unique: HashSet<_> = sold.iter().map(|one| one["subject"].as_str()).collect();
    assert_eq!((sold.len(), unique.len()), (50, 50));
    assert_eq!(json(&data, &["orders", "show", &id]).await["status"], "completed");
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_ends_in_good_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut running = serve(&folder.path().join("data")).await;
    let pid = running.child.id().expect("a process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs").success());
    assert_eq!(running.child.wait().await.expect("it ends").code(), Some(0));
}

#[tokio::test]
async fn keys_made_beside_a_running_server_work_at_once_and_revoked_ones_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (client, running) = (client(), serve(&data).await);
    let partner = json(&data, &["partners", "create", "--name", "Zeta", "--tier", "vip_plus"]).await;
    let made = json(&data, &["keys", "create", "--partner", "Zeta", "--environment", "live", "--preset", "read"]).await;
    assert_eq!(made["partner_id"], partner["id"]);
    let key = made["key"].as_str().expect("a key");
    let me = get(&client, &running, key, "/me").await;
    assert_eq!(me["data"]["api_key"]["environment"], "live");
    assert_eq!(me["data"]["partner"]["name"], "Zeta");
    json(&data, &["keys", "revoke", made["id"].as_str().expect("an id")]).await;
    assert_eq!(get(&client, &running, key, "/me").await["error"]["code"], "unauthorized");
    let again = run(&data, &["partners", "create", "--name", "Zeta"]).await;
    assert_eq!(again.status.code(), Some(2));
}

#[tokio::test]
async fn limits_set_beside_a_running_server_count_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (client, running) = (client(), serve(&data).await);
    json(&data, &["partners", "create", "--name", "Zeta", "--spend-limit", "90000"]).await;
    let create = ["keys", "create", "--partner", "Zeta", "--environment", "test", "--spend-limit", "2499"];
    let made = json(&data, &create).await;
    let (key, id) = (made["key"].as_str().expect("a key"), made["id"].as_str().expect("an id"));
    let body = order_body(&["acme-one.com"]);
    let over = post(&client, &running, key, "/orders", &body).await;
    assert_eq!(over["error"]["details"]["limit_cents"], 2_499, "{over}");

    let set = json(&data, &["keys", "set", "--key", id, "--spend-limit", "none", "--rate-limit", "1000"]).await;
    assert_eq!((&set["spend_limit_cents"], &set["rate_per_minute"]), (&Value::Null, &1_000.into()));
    assert_eq!(
        json(&data, &["keys", "set", "--key", id, "--rate-limit", "none"]).await["rate_per_minute"],
        Value::Null
    );
    let set = json(&data, &["partners", "set", "--partner", "Zeta", "--spend-limit", "2500", "--tier", "vip"]).await;
    assert_eq!((&set["tier"], &set["spend_limit_cents"]), (&"vip".into(), &2_500.into()));
    assert_eq!(post(&client, &running, key, "/orders", &body).await["data"]["status"], "in_progress");
    json(&data, &["partners", "create", "--name", "Theta", "--spend-limit", "none"]).await;
    json(&data, &["keys", "create", "--partner", "Theta", "--environment", "test", "--spend-limit", "none"]).await;
    let listed = json(&data, &["partners", "list"]).await;
    assert_eq!(listed[2]["spend_limit_cents"], Value::Null);
    assert_eq!(listed[1], set);
    let table = run(&data, &["keys", "list", "--partner", "Zeta"]).await;
    let shown = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(shown.contains("SPEND LIMIT") && shown.contains("  Zeta  "), "{shown}");
    let echo = run(&data, &["keys", "revoke", key]).await;
    refused(&echo, &["the id of a key", "keys list"]);
    assert!(!String::from_utf8_lossy(&echo.stderr).contains(key), "a key is not repeated");
    for wrong in [
        &["partners", "set", "--partner", "Zeta"][..],
        &["keys", "set", "--key", id, "--spend-limit", "-1"],
        &["keys", "set", "--key", "key_none", "--spend-limit", "1"],
        &["partners", "create", "--name", "Eta", "--spend-limit", "much"],
    ] {
        assert_eq!(run(&data, wrong).await.status.code(), Some(2), "{wrong:?}");
    }
}

/// Refused: exit code 2, one sentence on standard error, nothing on standard output.
pub(crate) fn refused(output: &Output, words: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(error.lines().count(), 1, "{error}");
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
}

#[tokio::test]
async fn a_start_that_cannot_work_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    refused(&run(&data, &["serve"]).await, &["already running", "MAILWRIGHT_DATA"]);

    let fresh = folder.path().join("fresh");
    let address = running.api.trim_start_matches("http://").split('/').next().expect("an address").to_owned();
    refused(&run(&fresh, &["serve", "--listen", &address]).await, &["in use", "MAILWRIGHT_LISTEN"]);
    assert!(!fresh.exists(), "nothing was made");

    std::fs::write(folder.path().join("file"), "").expect("a file");
    let below_a_file = folder.path().join("file/data");
    let unusable =
        mailwright(&fresh).arg("serve").env("MAILWRIGHT_DATA", below_a_file).output().await.expect("it runs");
    refused(&unusable, &["cannot be made", "MAILWRIGHT_DATA"]);
    let odd = mailwright(&fresh)
        .arg("serve")
        .env("MAILWRIGHT_RATE_LIMIT__PER_MINUTE", "lots")
        .output()
        .await
        .expect("it runs");
    refused(&odd, &["rate_limit.per_minute", "lots"]);
    let unknown = mailwright(&fresh).arg("serve").env("MAILWRIGHT_LISTENN", "x").output().await.expect("it runs");
    refused(&unknown, &["listenn", "not a setting"]);
    std::fs::write(folder.path().join("odd.toml"), "[sizing]\nmax_domains = 9999\n").expect("a file");
    let odd_file = folder.path().join("odd.toml").display().to_string();
    refused(&run(&fresh, &["serve", "--config", &odd_file]).await, &["sizing.max_domains", "9999", "1 to 500"]);
    std::fs::write(folder.path().join("odd.toml"), "listen = \n").expect("a file");
    refused(&run(&fresh, &["serve", "--config", &odd_file]).await, &["odd.toml"]);
    let nowhere = ["serve", "--database-url", "postgres://nobody:hidden@127.0.0.1:1/x"];
    let unreachable = run(&fresh, &nowhere).await;
    assert!(!String::from_utf8_lossy(&unreachable.stderr).contains("hidden"));
    std::fs::remove_dir(&fresh).expect("an empty folder");
    refused(&unreachable, &["cannot be opened", "correct the address"]);
    refused(&run(&fresh, &["serve", "--role", "worker"]).await, &["PostgreSQL"]);
    refused(&run(&fresh, &["orders", "list"]).await, &["there is no database", "mailwright serve"]);
    assert!(!fresh.exists(), "nothing was made");
}

#[tokio::test]
async fn a_database_that_is_not_ours_to_change_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    drop(serve(&data).await.child.kill().await);

    let key = std::fs::read(data.join("master.key")).expect("a key");
    std::fs::remove_file(data.join("master.key")).expect("removed");
    for command in [&["serve"][..], &["orders", "list"]] {
        refused(&run(&data, command).await, &["master.key is missing", "copy it from your backup"]);
    }
    assert!(!data.join("master.key").exists(), "no new key was made");
    let mut another = key.clone();
    another[10] = if key[10] == b'A' { b'B' } else { b'A' };
    std::fs::write(data.join("master.key"), another).expect("another");
    refused(&run(&data, &["serve"]).await, &["another master key", "copy"]);
    std::fs::write(data.join("master.key"), key).expect("put back");

    sqlx_execute(&data, "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)").await;
    refused(&run(&data, &["serve"]).await, &["newer version"]);
    refused(&run(&data, &["orders", "list"]).await, &["newer version"]);
}

#[tokio::test]
async fn damaged_files_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, words) in [
        ("mailwright.db", ["cannot be opened", "backup"]),
        ("sandbox.db", ["sandbox", "move sandbox.db away"]),
        ("master.key", ["master.key", "backup"]),
    ] {
        let data = folder.path().join(file).with_extension("folder");
        if file == "sandbox.db" {
            // Without a database beside it, it is that which is missing.
            drop(serve(&data).await.child.kill().await);
            for ending in ["-wal", "-shm"] {
                std::fs::remove_file(data.join(format!("{file}{ending}"))).expect("removed");
            }
        } else {
            std::fs::create_dir(&data).expect("a folder");
        }
        std::fs::write(data.join(file), "this is something else").expect("a file");
        refused(&run(&data, &["serve"]).await, &words);
    }
}

async fn sqlx_execute(data: &Path, sql: &'static str) {
    use sqlx::Connection as _;
    let url = format!("sqlite:{}", data.join("mailwright.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.expect("the database opens");
    sqlx::query(sql).execute(&mut conn).await.expect("written");
}

#[tokio::test]
async fn the_demo_ends_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(&folder.path().join("unused"), &["demo", "--domains", "5"]).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("7 of 7 webhooks verified"), "{text}");
    refused(&run(&folder.path().join("unused"), &["demo", "--format", "json"]).await, &["--format json"]);
    assert!(!folder.path().join("unused").exists());
}

#[tokio::test]
async fn the_demo_shows_what_the_world_would_see() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(&folder.path().join("unused"), &["demo", "--real"]).await;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for seen in ["protection.outlook.com.", "v=spf1 ", "v=DMARC1; p=none", "https://acme.com/offer?from=demo"] {
        assert!(squeezed.contains(seen), "{seen} in {text}");
    }
}
