//! A throw-away PostgreSQL for tests and benchmarks: one server per test process, one empty schema per test.
//!
//! A small shell process supervises the server and holds our pipe as its standard input. However this process ends,
//! the pipe closes, and the shell interrupts PostgreSQL and deletes its folder. Nothing here needs a clean exit.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// The supervisor's script, which says at its top what it expects and what it answers.
const SUPERVISOR: &str = include_str!("postgres.sh");

/// What it takes to make, start and stop a server.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// No test binary uses both kinds of server, and none should be warned about the other.
const _: [fn() -> Option<&'static Server>; 2] = [server, durable_server];
const _: fn(&Server) -> &str = Server::folder;
const _: fn(&mut Command) = give_up_root;

/// A running server that lives as long as this process.
#[derive(Debug)]
pub(crate) struct Server {
    folder: String,
    schemas: AtomicU32,
    /// Held for its standard input: that this pipe is open keeps the server alive.
    _supervisor: Child,
}

/// The server for tests. It does not wait for the disk, which makes it several times faster.
///
/// `None`, said once on stderr, where PostgreSQL is not installed.
///
/// # Panics
/// When the server does not start, and when it is not installed although the environment says `CI=true`.
pub(crate) fn server() -> Option<&'static Server> {
    static FAST: OnceLock<Option<Server>> = OnceLock::new();
    FAST.get_or_init(|| start_if_installed("off")).as_ref()
}

/// The server for benchmarks: it waits for the disk at every commit, as in production. Point `TMPDIR` at the disk to
/// be measured; its absence and its panics are those of [`server`].
pub(crate) fn durable_server() -> Option<&'static Server> {
    static DURABLE: OnceLock<Option<Server>> = OnceLock::new();
    DURABLE.get_or_init(|| start_if_installed("on")).as_ref()
}

impl Server {
    /// Creates an empty schema and returns the URL that opens it, for `PgPool` and `AnyPool` alike. The schema is the
    /// whole search path, so two tests never meet, and at most 300 connections are open at a time over all schemas.
    ///
    /// # Panics
    /// When the server refuses the schema.
    pub(crate) async fn fresh_schema(&self) -> String {
        let schema = format!("test_{}", self.schemas.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("public")).await.expect("the server is ready");
        let create = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
        connection.execute(create).await.expect("a new name for a schema");
        connection.close().await.expect("an idle connection closes");
        self.url(&schema)
    }

    /// Where its socket is.
    pub(crate) fn folder(&self) -> &str {
        &self.folder
    }

    /// The authority is a placeholder that `host` replaces. The port is spelt out because it is part of the socket's
    /// file name and would otherwise come from `PGPORT`.
    fn url(&self, schema: &str) -> String {
        let folder = self.folder.replace('/', "%2F");
        format!(
            "postgres://postgres@localhost:5432/postgres?host={folder}&sslmode=disable&options=-csearch_path%3D{schema}"
        )
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "CI is a word between the build server and the tests")]
fn find_or_complain() -> Option<PathBuf> {
    let programs = programs();
    if programs.is_none() {
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!in_ci, "PostgreSQL is not installed, and in CI its tests must run: install the package postgresql");
        eprintln!("PostgreSQL is not installed: its tests are skipped");
    }
    programs
}

fn start_if_installed(fsync: &str) -> Option<Server> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let programs = FOUND.get_or_init(find_or_complain).as_ref()?;
    Some(start(programs, fsync))
}

/// The first folder that has every program: those of `PATH`, then Debian's, newest version first.
#[expect(clippy::disallowed_methods, reason = "programs are found where the shell would find them")]
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete = |folder: &PathBuf| PROGRAMS.iter().all(|program| folder.join(program).is_file());
    std::env::split_paths(&path).chain(debian_folders()).find(complete)
}

fn debian_folders() -> Vec<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = versions.filter_map(number).collect();
    numbers.sort_unstable();
    numbers.iter().rev().map(|version| format!("/usr/lib/postgresql/{version}/bin").into()).collect()
}

fn start(programs: &Path, fsync: &str) -> Server {
    let mut command = Command::new("sh");
    command.args(["-c", SUPERVISOR, "postgres-supervisor"]).arg(programs).arg(fsync);
    // A group of its own: an interrupt typed at the terminal must not stop the supervisor before it has cleaned up.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    give_up_root(&mut command);
    let mut supervisor = command.spawn().expect("sh starts");
    let mut output = BufReader::new(supervisor.stdout.take().expect("stdout is piped"));
    let folder = read_folder(&mut output);
    Server { folder, schemas: AtomicU32::new(0), _supervisor: supervisor }
}

fn read_folder(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).expect("the supervisor's output is readable");
    if let Some(folder) = line.strip_prefix("ready ") {
        return folder.trim_end().to_owned();
    }
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the supervisor's output is readable");
    panic!("PostgreSQL did not start:\n{line}{rest}");
}

/// PostgreSQL refuses to run as root, so root lends it the identity of somebody who owns nothing else of ours.
pub(crate) fn give_up_root(command: &mut Command) {
    if identity(&["-u"]) != Some(0) {
        return;
    }
    let known = |user: &&str| Some((identity(&["-u", user])?, identity(&["-g", user])?));
    let (user, group) =
        ["postgres", "nobody"].iter().find_map(known).expect("a user postgres or nobody to run PostgreSQL as");
    command.uid(user).gid(group);
}

fn identity(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
