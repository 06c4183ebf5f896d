//! `mailwright doctor`: healthy where everything is all right, and never fooled.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use model::clock::{Clock as _, SECOND, SystemClock};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::program::{Running, json, mailwright, run, serve};
use crate::support::collector::collector;
use crate::support::postgres;

/// What it said: its exit code, and state, what was seen and what to do by check.
pub(crate) struct Said {
    code: i32,
    checks: BTreeMap<String, (String, String)>,
    all: String,
}

impl Said {
    pub(crate) fn state(&self, name: &str) -> &str {
        &self.checks[name].0
    }

    /// Those that are wrong.
    fn wrong(&self) -> Vec<&str> {
        self.checks.iter().filter(|(_, (state, _))| state == "wrong").map(|(name, _)| name.as_str()).collect()
    }

    /// Whether exactly these are wrong and speak so.
    #[track_caller]
    pub(crate) fn finds(&self, wrong: &[&str], words: &[&str]) {
        assert_eq!((self.wrong(), self.code), (wrong.to_vec(), i32::from(!wrong.is_empty())), "{}", self.all);
        for word in words {
            assert!(wrong.iter().any(|name| self.checks[*name].1.contains(word)), "{word:?} in {}", self.all);
        }
    }
}

pub(crate) async fn asked(mut command: Command) -> Said {
    let output = command.args(["--format", "json"]).output().await.expect("it runs");
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {all}"));
    let code = output.status.code().expect("a code");
    assert_eq!(said["healthy"], code == 0, "{all}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = said["checks"].as_array().expect("checks").iter().map(|check| {
        assert_eq!(check["state"] == "ok", check["todo"].is_null(), "{check}");
        let words = format!("{}; {}", text(&check["seen"]), text(&check["todo"]));
        (text(&check["name"]), (text(&check["state"]), words))
    });
    Said { code, checks: checks.collect(), all }
}

async fn doctor(data: &Path, settings: &[(&str, &str)]) -> Said {
    let mut command = mailwright(data);
    command.arg("doctor");
    for (name, value) in settings {
        command.env(format!("MAILWRIGHT_{name}"), value);
    }
    asked(command).await
}

/// The data folder of a server that has ended in good order.
pub(crate) async fn left() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    stop(serve(&data).await).await;
    (folder, data)
}

async fn stop(mut running: Running) {
    let pid = running.child.id().expect("a process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs").success());
    running.child.wait().await.expect("it ends");
}

fn files(data: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = data.read_dir().expect("a folder").map(|one| one.expect("an entry").path());
    let mut files: Vec<_> =
        entries.map(|file| (file.display().to_string(), std::fs::read(&file).expect("a file"))).collect();
    files.sort();
    files
}

async fn execute(data: &Path, sql: &str) {
    use sqlx::Connection as _;
    let url = format!("sqlite:{}", data.join("mailwright.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.expect("the database opens");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.expect("written");
    conn.close().await.expect("closed");
}

async fn root_page(data: &Path, table: &str) -> usize {
    use sqlx::Connection as _;
    let url = format!("sqlite:{}", data.join("mailwright.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.expect("the database opens");
    let query = sqlx::query_scalar("SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = $1").bind(table);
    let page: i64 = query.fetch_one(&mut conn).await.expect("a page");
    conn.close().await.expect("closed");
    usize::try_from(page).expect("a page")
}

fn host(url: &str) -> String {
    url.trim_start_matches("http://").split('/').next().expect("a host").to_owned()
}

/// A program of somebody else's on this machine, that says of everything that it is well.
async fn another_program(date: Option<String>) -> (String, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let router = axum::Router::new().fallback(move || {
        let date = date.clone();
        async move {
            let mut response = axum::response::IntoResponse::into_response("{\"status\":\"ok\"}");
            if let Some(date) = date {
                response.headers_mut().insert("date", date.parse().expect("a header"));
            }
            response
        }
    });
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    (address, serving)
}

#[tokio::test]
async fn all_is_well_beside_a_running_server_and_without_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    let (api, operator) = (host(&running.api), host(&running.operator));
    let settings = [("LISTEN", api.as_str()), ("OPERATOR_LISTEN", operator.as_str())];
    let said = doctor(&data, &settings).await;
    said.finds(&[], &[]);
    for listener in ["listen", "operator_listen"] {
        assert!(said.checks[listener].1.contains("a Mailwright server answers"), "{}", said.all);
    }
    assert_eq!(said.state("backup"), "warn");
    let swapped = doctor(&data, &[("LISTEN", operator.as_str()), ("OPERATOR_LISTEN", api.as_str())]).await;
    swapped.finds(&["listen", "operator_listen"], &["another program"]);
    json(&data, &["backup", folder.path().join("copy.db").to_str().expect("a path")]).await;
    stop(running).await;

    let before: Vec<_> = files(&data).into_iter().map(|(name, _)| name).collect();
    let said = doctor(&data, &settings).await;
    said.finds(&[], &[]);
    assert!(said.checks["listen"].1.contains("is free"), "{}", said.all);
    assert_eq!(said.state("backup"), "ok");
    let after: Vec<_> = files(&data).into_iter().map(|(name, _)| name).collect();
    assert_eq!(before, after, "nothing is left behind");

    let text = run(&data, &["doctor"]).await;
    let text = String::from_utf8(text.stdout).expect("text");
    assert_eq!(text.lines().count(), said.checks.len(), "one line a check");
    let wrong_use = mailwright(&data).arg("doctor").env("MAILWRIGHT_ENGINE__STEPS", "lots").output().await;
    assert_eq!(wrong_use.expect("it runs").status.code(), Some(2));
}

#[tokio::test]
async fn nothing_is_made_where_there_is_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let said = doctor(&data, &[]).await;
    said.finds(&["data_folder", "database"], &["there is no folder", "there is no database", "mailwright serve"]);
    assert!(!data.exists(), "nothing was made");
    std::fs::create_dir(&data).expect("a folder");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).expect("permitted");
    doctor(&data, &[]).await.finds(&["database"], &["there is no database"]);
    assert_eq!(files(&data), vec![], "nothing was made");
}

#[tokio::test]
async fn files_that_others_can_read_and_keys_of_another_are_found() {
    let (_folder, data) = left().await;
    let (key, kept) = (data.join("master.key"), std::fs::read(data.join("master.key")).expect("a key"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("permitted");
    doctor(&data, &[]).await.finds(&["file_modes"], &["chmod 600", "master.key"]);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("permitted");
    doctor(&data, &[]).await.finds(&[], &[]);

    std::fs::remove_file(&key).expect("removed");
    doctor(&data, &[]).await.finds(&["master_key"], &["No such file", "from your backup"]);
    assert!(!key.exists(), "no new key was made");
    let mut another = kept.clone();
    another[10] = if kept[10] == b'A' { b'B' } else { b'A' };
    for (content, words) in
        [(another, "another master key"), (b"something else".to_vec(), "does not hold a master key")]
    {
        std::fs::write(&key, content).expect("written");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("permitted");
        let said = doctor(&data, &[]).await;
        said.finds(&["master_key"], &[words, "fingerprint"]);
        assert_eq!((said.state("database_write"), said.state("integrity")), ("warn", "ok"), "{}", said.all);
    }
    std::fs::write(&key, kept).expect("put back");
    doctor(&data, &[]).await.finds(&[], &[]);
}

#[tokio::test]
async fn what_is_wrong_with_the_database_is_found() {
    let (_folder, data) = left().await;
    let database = data.join("mailwright.db");
    let kept = std::fs::read(&database).expect("a database");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    execute(&data, newer).await;
    let said = doctor(&data, &[]).await;
    said.finds(&["schema"], &["newer version"]);
    assert_eq!((said.state("database"), said.state("master_key"), said.state("tasks")), ("ok", "ok", "warn"));
    std::fs::write(&database, &kept).expect("put back");
    execute(&data, "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)").await;
    doctor(&data, &[]).await.finds(&["schema"], &["older than", "mailwright migrate"]);

    let mut damaged = kept.clone();
    let page = root_page(&data, "forwardings").await;
    damaged[(page - 1) * 4096..page * 4096].fill(0x5a);
    std::fs::write(&database, damaged).expect("written");
    doctor(&data, &[]).await.finds(&["integrity"], &["damaged", "mailwright restore"]);
    std::fs::write(&database, "this is something else").expect("written");
    let said = doctor(&data, &[]).await;
    said.finds(&["database"], &["cannot be read", "backup"]);
    assert_eq!((said.state("sandbox"), said.state("listen"), said.state("outgoing")), ("ok", "ok", "ok"));
    std::fs::remove_file(&database).expect("removed");
    doctor(&data, &[]).await.finds(&["database"], &["missing or empty", "mailwright restore"]);
    assert!(!database.exists(), "nothing was made");
    std::fs::write(&database, kept).expect("put back");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o600)).expect("permitted");
    doctor(&data, &[]).await.finds(&[], &[]);

    std::fs::write(data.join("sandbox.db"), "this is something else").expect("written");
    doctor(&data, &[]).await.finds(&["sandbox"], &["cannot be read", "move sandbox.db away"]);
    let nowhere = doctor(&data, &[("DATABASE_URL", "postgres://nobody:hidden@127.0.0.1:1/x?password=hidden")]).await;
    assert_eq!((nowhere.state("database"), nowhere.code), ("wrong", 1));
    assert!(!nowhere.all.contains("hidden"), "{}", nowhere.all);
}

#[tokio::test]
async fn a_disk_that_takes_nothing_more_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let _running = serve(&data).await;
    let program = mailwright(&data);
    let on_a_small_disk = || {
        let mut command = Command::new("sh");
        for (key, value) in program.as_std().get_envs() {
            command.env(key, value.unwrap_or_default());
        }
        command.args([
            "-c",
            "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_mailwright"),
            "doctor",
        ]);
        command
    };
    let said = asked(on_a_small_disk()).await;
    said.finds(&["database_write"], &[]);
    assert_eq!((said.state("database"), said.state("integrity")), ("ok", "ok"));
    doctor(&data, &[]).await.finds(&[], &[]);
}

#[tokio::test]
async fn a_disk_that_can_only_be_read_is_found() {
    let (_folder, data) = left().await;
    let program = mailwright(&data);
    let mounted = |doctor: &str| {
        let mut command = Command::new("unshare");
        for (key, value) in program.as_std().get_envs() {
            command.env(key, value.unwrap_or_default());
        }
        let mount =
            r#"mount --bind "$MAILWRIGHT_DATA" "$MAILWRIGHT_DATA" && mount -o remount,ro,bind "$MAILWRIGHT_DATA""#;
        command.args(["--mount", "sh", "-c", &format!("{mount} && {doctor}"), env!("CARGO_BIN_EXE_mailwright")]);
        command
    };
    if !mounted("true").output().await.is_ok_and(|output| output.status.success()) {
        // Only who may mount something can try this.
        return;
    }
    let said = asked(mounted("exec \"$0\" doctor --format json; true")).await;
    said.finds(&["data_folder", "database", "sandbox"], &["Read-only", "mount its disk"]);
    doctor(&data, &[]).await.finds(&[], &[]);
}

#[tokio::test]
async fn clocks_that_differ_by_an_hour_are_found() {
    let (_folder, data) = left().await;
    let known = SystemClock.now().plus(3_600 * SECOND).0;
    execute(&data, &format!("UPDATE meta SET value = '{known}' WHERE key = 'time_known'")).await;
    doctor(&data, &[]).await.finds(&["clock"], &["behind the newest time", "NTP"]);
    execute(&data, &format!("UPDATE meta SET value = '{}' WHERE key = 'time_known'", SystemClock.now().0)).await;
    doctor(&data, &[]).await.finds(&[], &[]);

    let (address, serving) = another_program(Some("Fri, 08 May 2020 12:00:00 GMT".into())).await;
    let url = format!("http://{address}/");
    doctor(&data, &[("DOCTOR__TIME_URL", &url)]).await.finds(&["time_url"], &["ahead of", "NTP"]);
    serving.abort();
    assert!(serving.await.is_err(), "it has ended");
    let said = doctor(&data, &[("DOCTOR__TIME_URL", &url)]).await;
    said.finds(&[], &[]);
    assert_eq!(said.state("time_url"), "warn", "{}", said.all);
    let private = doctor(&data, &[("DOCTOR__TIME_URL", "http://10.0.0.1/")]).await;
    assert!(private.checks["time_url"].1.contains("not public"), "{}", private.all);
    // A server on this machine says the time itself where nobody gives it another one.
    let (address, _serving) = another_program(None).await;
    let said = doctor(&data, &[("DOCTOR__TIME_URL", &format!("http://{address}/"))]).await;
    assert_eq!(said.state("time_url"), "ok", "{}", said.all);
}

#[tokio::test]
async fn a_port_that_another_program_has_is_no_server_of_ours() {
    let (_folder, data) = left().await;
    let (address, serving) = another_program(None).await;
    for setting in ["LISTEN", "OPERATOR_LISTEN"] {
        let said = doctor(&data, &[(setting, &address)]).await;
        said.finds(&[&setting.to_lowercase()], &["another program", &address]);
    }
    serving.abort();
    assert!(serving.await.is_err(), "it has ended");
    doctor(&data, &[("LISTEN", &address)]).await.finds(&[], &[]);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    doctor(&data, &[("LISTEN", &address)]).await.finds(&["listen"], &["does not answer"]);
    doctor(&data, &[("LISTEN", "203.0.113.1:8080"), ("DEVELOPMENT", "false")])
        .await
        .finds(&["listen"], &["203.0.113.1"]);
    let own = [("ACCOUNTS__WEB__KIND", "embedded_redirect"), ("ACCOUNTS__WEB__ADDRESSES", "192.0.2.1")];
    let far = [own[0], own[1], ("REDIRECT__HTTP_LISTEN", r#"["203.0.113.1:80"]"#)];
    doctor(&data, &far).await.finds(&["redirect_listen"], &["203.0.113.1:80", "choose another address"]);
    let here = [own[0], own[1], ("REDIRECT__HTTP_LISTEN", &format!(r#"["{address}"]"#))];
    let said = doctor(&data, &here).await;
    said.finds(&[], &[]);
    assert!(said.checks["redirect_listen"].1.contains(&format!("somebody answers at {address}")), "{}", said.all);

    let open = [("PUBLIC_URL", "https://mail.example.com"), ("TRUSTED_PROXIES", r#"["0.0.0.0/0"]"#)];
    doctor(&data, &open).await.finds(&["development", "proxies"], &["everybody", "development = false"]);
    let closed = [open[0], ("TRUSTED_PROXIES", r#"["127.0.0.1"]"#), ("DEVELOPMENT", "false")];
    doctor(&data, &closed).await.finds(&[], &[]);
    let said = doctor(&data, &[open[0], ("DEVELOPMENT", "false")]).await;
    assert_eq!((said.state("proxies"), said.code), ("warn", 0), "{}", said.all);
}

#[tokio::test]
async fn work_that_nobody_does_and_endpoints_that_do_not_answer_are_found() {
    let (_folder, data) = left().await;
    let url = "https://app.example.com/secret-path";
    json(&data, &["webhooks", "set", "--partner", "Sandbox", "--environment", "test", "--url", url]).await;
    let (now, hour) = (SystemClock.now(), 3_600 * SECOND);
    for change in [format!("failing_since = {}", now.plus(-hour).0), "failing_since = NULL, active = 0".to_owned()] {
        execute(&data, &format!("UPDATE endpoints SET {change}")).await;
        let said = doctor(&data, &[]).await;
        assert_eq!((said.state("endpoints"), said.code), ("warn", 0), "{}", said.all);
        assert!(!said.all.contains("secret-path"), "{}", said.all);
    }
    execute(&data, "UPDATE endpoints SET active = 1").await;
    assert_eq!(doctor(&data, &[]).await.state("endpoints"), "ok");
    let task = format!(
        "INSERT INTO tasks (id, lane, partner, world, bucket, subject, due_at, attempts) VALUES ('tsk_1', 'step', 'org_1', 'live', 'org_1', 'run_1', {}, 0)",
        now.plus(-hour).0
    );
    execute(&data, &task).await;
    doctor(&data, &[]).await.finds(&["tasks"], &["step: 1 due", "36"]);
    execute(&data, "DELETE FROM tasks WHERE id = 'tsk_1'").await;
    doctor(&data, &[]).await.finds(&[], &[]);
}

#[tokio::test]
async fn it_looks_at_postgresql_too() {
    let Some(server) = postgres::server() else { return };
    let url = server.fresh_schema().await;
    let (_folder, data) = left().await;
    let empty = doctor(&data, &[("DATABASE_URL", &url)]).await;
    assert_eq!((empty.state("database"), empty.state("schema")), ("ok", "wrong"), "{}", empty.all);
    let migrated = mailwright(&data).arg("migrate").env("MAILWRIGHT_DATABASE_URL", &url).status().await;
    assert!(migrated.expect("it runs").success());
    let said = doctor(&data, &[("DATABASE_URL", &url)]).await;
    said.finds(&[], &[]);
    assert_eq!((said.state("database_write"), said.state("integrity"), said.state("feed")), ("ok", "ok", "ok"));
}

#[tokio::test]
async fn a_collector_of_traces_is_asked_whether_it_takes_any() {
    let (folder, data) = left().await;
    let collector = collector("a-key").await;
    let (said, headers) = (doctor(&data, &[]).await, folder.path().join("headers"));
    assert_eq!(said.state("traces"), "ok", "{}", said.all);
    let settings =
        [("TRACES__ENDPOINT", collector.url.as_str()), ("TRACES__HEADERS_FILE", headers.to_str().expect("a path"))];
    std::fs::write(&headers, "x-collector-key: wrong-secret").expect("written");
    doctor(&data, &settings).await.finds(&["file_modes", "traces"], &["chmod"]);
    std::fs::set_permissions(&headers, std::fs::Permissions::from_mode(0o600)).expect("set");
    let refused = doctor(&data, &settings).await;
    let (state, words) = &refused.checks["traces"];
    assert!(
        state == "warn" && words.contains("answers 403") && !refused.all.contains("wrong-secret"),
        "{}",
        refused.all
    );
    std::fs::write(&headers, "x-collector-key: a-key").expect("written");
    let said = doctor(&data, &settings).await;
    assert!(said.state("traces") == "ok" && said.code == 0, "{}", said.all);
    assert!(collector.all().is_empty(), "nothing is told but the question");
    let dead = doctor(&data, &[("TRACES__ENDPOINT", "http://127.0.0.1:1")]).await;
    assert!(dead.state("traces") == "warn" && dead.checks["traces"].1.contains("does not answer"), "{}", dead.all);
}

#[tokio::test]
async fn a_secret_of_the_operator_that_cannot_be_read_is_found_until_it_is_removed() {
    let (_folder, data) = left().await;
    let token = data.join("operator.token");
    std::fs::write(&token, "hidden").expect("written");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).expect("set");
    let said = doctor(&data, &[]).await;
    said.finds(&["operator_secrets"], &["remove it for a new one"]);
    assert!(!said.all.contains("hidden"), "{}", said.all);
    std::fs::remove_file(&token).expect("removed");
    doctor(&data, &[]).await.finds(&[], &[]);
    assert!(!token.exists(), "nothing was made");
}
