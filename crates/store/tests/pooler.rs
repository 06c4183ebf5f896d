//! A real pgbouncer in front of PostgreSQL: connections that are lent for a transaction are refused in one sentence,
//! those that are lent for a session work.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use futures_util::FutureExt as _;
use model::patience::Patience;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use store::{OpenError, Opening, Store, partners};
use tempfile::TempDir;

/// Shared between the test binaries of this crate.
mod support {
    pub(crate) mod postgres;
}

/// Where Debian puts it, who keeps it from ordinary people's paths.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A pooler that ends with the test.
struct Pooler {
    process: Child,
    folder: TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Pooler {
    /// Lends the connections of a server in a mode; ready when it says so.
    fn start(server: &support::postgres::Server, mode: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // It runs as somebody else when we are root.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).expect("our own folder");
        let settings = folder.path().join("pgbouncer.ini");
        std::fs::write(&settings, settings_of(server.folder(), folder.path(), mode)).expect("our own folder");
        let mut command = Command::new(PROGRAM);
        command.arg(&settings).stdout(Stdio::null()).stderr(Stdio::piped());
        support::postgres::give_up_root(&mut command);
        let mut process = command.spawn().expect("pgbouncer starts");
        let mut said = BufReader::new(process.stderr.take().expect("stderr is piped"));
        let mut all = String::new();
        while !all.contains("process up") {
            let read = said.read_line(&mut all).expect("text");
            assert!(read > 0, "pgbouncer did not start:\n{all}");
        }
        // Its log must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { process, folder }
    }

    fn opening(&self, database: &str) -> Opening {
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        Opening {
            url: format!("postgres://postgres@localhost:6432/{database}?host={host}&sslmode=disable"),
            key_file: self.folder.path().join("master.key"),
            lock_file: None,
            migrate: true,
            create: true,
            connections: 4,
            writing: store::Writing::default(),
            patience: Patience::default(),
            traces: vec![],
        }
    }
}

/// Behind a mode: what we begin a connection with may pass.
const PASSES: &str = "\nignore_startup_parameters = extra_float_digits";

/// Whoever comes is the server's owner: both listen in folders of this test only.
fn settings_of(server: &str, folder: &Path, mode: &str) -> String {
    let folder = folder.display();
    format!(
        "[databases]\n* = host={server} port=5432 user=postgres\n[pgbouncer]\nunix_socket_dir = {folder}\nlisten_port = 6432\n\
         auth_type = any\npool_mode = {mode}\n"
    )
}

#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "CI is a word between the build server and the tests")]
fn is_installed() -> bool {
    let installed = Path::new(PROGRAM).is_file();
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(
        installed || !in_ci,
        "pgbouncer is not installed, and in CI its tests must run: install the package pgbouncer"
    );
    if !installed {
        eprintln!("pgbouncer is not installed: its tests are skipped");
    }
    installed
}

/// A server with an empty database of this name.
async fn with_database(name: &str) -> Option<&'static support::postgres::Server> {
    if !is_installed() {
        return None;
    }
    sqlx::any::install_default_drivers();
    let server = support::postgres::server()?;
    let mut connection = AnyConnection::connect(&server.fresh_schema().await).await.expect("the server is ready");
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(create).await.expect("a new name for a database");
    Some(server)
}

#[tokio::test]
async fn a_pooler_of_transactions_is_refused_with_what_to_use_instead() {
    let Some(server) = with_database("behind_transactions").await else { return };
    let pooler = Pooler::start(server, &format!("transaction{PASSES}"));
    // Also the second time, when there are connections that others have used.
    for _ in 0..2 {
        let refused = Store::open(&pooler.opening("behind_transactions")).await.map(drop).expect_err("it cannot work");
        assert!(matches!(refused, OpenError::Pooler), "{refused}");
        let words = refused.to_string();
        assert!(words.contains("pool_mode = session") && words.contains("database_url"), "{words}");
    }
}

#[tokio::test]
async fn a_pooler_of_statements_is_refused_as_well() {
    let Some(server) = with_database("behind_statements").await else { return };
    let pooler = Pooler::start(server, &format!("statement{PASSES}"));
    let refused = Store::open(&pooler.opening("behind_statements")).await.map(drop).expect_err("it cannot work");
    assert!(matches!(refused, OpenError::Pooler), "{refused}");
}

#[tokio::test]
async fn a_pooler_that_refuses_what_we_begin_with_is_told_how_to_let_it_pass() {
    let Some(server) = with_database("behind_a_strict_one").await else { return };
    let pooler = Pooler::start(server, "session");
    let refused = Store::open(&pooler.opening("behind_a_strict_one")).await.map(drop).expect_err("it cannot work");
    assert!(refused.to_string().contains("ignore_startup_parameters = extra_float_digits"), "{refused}");
}

#[tokio::test]
async fn a_pooler_of_sessions_works() {
    let Some(server) = with_database("behind_sessions").await else { return };
    let pooler = Pooler::start(server, &format!("session{PASSES}"));
    for _ in 0..2 {
        let store = Store::open(&pooler.opening("behind_sessions")).await.expect("it opens");
        let read = store.write(|tx| async move { Ok(partners::all(tx).await?.len()) }.boxed()).await;
        assert_eq!(read.expect("it can be written"), 0);
        assert_eq!(store.read().await.unwrap().setting("lock_timeout").await.unwrap().as_deref(), Some("5s"));
    }
}
