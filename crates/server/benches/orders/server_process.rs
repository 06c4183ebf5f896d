//! A server under test: a child process that ends when its handle goes.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use tokio::time::Instant;

use crate::database::{Database, Place};
use crate::http::Connection;

/// How long a server may take until it is ready, and how long until it has ended.
const PATIENCE: Duration = Duration::from_secs(20);

/// The unit that Linux counts processor time in, in milliseconds.
const TICK_MS: u64 = 10;

/// Which process is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workers {
    /// The program as everybody runs it.
    On,
    /// The API alone.
    Idle,
}

/// A database with a partner in it, and the partner's key.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) place: Place,
    database: Database,
    step_delay_ms: u64,
    /// Where the operator's listener is; empty for none, and then nothing is counted.
    pub(crate) operator_listen: String,
    key: String,
}

/// A process that answers.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Kept open: a server must not die of a word that nobody reads.
    _output: BufReader<ChildStdout>,
    /// Host and port.
    pub(crate) address: String,
    /// A test key.
    pub(crate) key: String,
    /// From the start of the process to its being ready.
    pub(crate) ready_after: Duration,
}

impl Home {
    /// Lets the program make its database and its first partner.
    pub(crate) async fn make(database: Database, step_delay_ms: u64) -> anyhow::Result<Self> {
        let mut home = Self {
            place: database.place().await?,
            database,
            step_delay_ms,
            operator_listen: String::new(),
            key: String::new(),
        };
        let server = home.start(Workers::On).await?;
        home.key.clone_from(&server.key);
        server.end()?;
        Ok(home)
    }

    /// Starts a server and waits until it is ready.
    pub(crate) async fn start(&self, workers: Workers) -> anyhow::Result<Server> {
        let started = Instant::now();
        let mut child = self.command(workers)?.spawn().context("the server cannot be started")?;
        let mut output = BufReader::new(child.stdout.take().context("the server has no output")?);
        let address = wait_for(&mut output, |line| line.split_once("http://").map(|(_, rest)| rest.to_owned()))?;
        let address = address.split('/').next().unwrap_or_default().to_owned();
        let key = match self.key.as_str() {
            "" => wait_for(&mut output, |line| line.starts_with("pk_test_").then(|| line.to_owned()))?,
            known => known.to_owned(),
        };
        let mut server = Server { child, _output: output, address, key, ready_after: Duration::ZERO };
        server.wait_until_ready().await?;
        server.ready_after = started.elapsed();
        Ok(server)
    }

    fn command(&self, workers: Workers) -> anyhow::Result<Command> {
        let program = || Command::new(env!("CARGO_BIN_EXE_mailwright"));
        let mut command = match (workers, self.database) {
            (Workers::Idle, Database::Sqlite) => Command::new(std::env::current_exe()?),
            _ => program(),
        };
        match (workers, self.database) {
            (Workers::Idle, Database::Sqlite) => command.arg("--api-only"),
            (Workers::Idle, Database::Postgres(_)) => command.args(["serve", "--role", "api"]),
            (Workers::On, _) => command.args(["serve", "--migrate"]),
        };
        self.settings(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        Ok(command)
    }

    fn settings(&self, command: &mut Command) {
        let folder = self.place.folder.path();
        command
            .current_dir(folder)
            .env("MAILWRIGHT_DATA", folder)
            .env("MAILWRIGHT_DATABASE_URL", &self.place.url)
            .env("MAILWRIGHT_LISTEN", "127.0.0.1:0")
            .env("MAILWRIGHT_OPERATOR_LISTEN", &self.operator_listen)
            .env("MAILWRIGHT_LOG", "error")
            // Whoever is told of what happens is on this machine.
            .env("MAILWRIGHT_DEVELOPMENT", "true")
            .env("MAILWRIGHT_RATE_LIMIT__PER_MINUTE", "0")
            .env("MAILWRIGHT_SANDBOX__STEP_DELAY_MS", self.step_delay_ms.to_string());
    }

    /// A file of its data folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.place.folder.path().join(name)
    }

    /// The first partner's test key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Makes a partner while no server runs, and answers its test key.
    pub(crate) fn partner(&self, name: &str) -> anyhow::Result<String> {
        self.run(&["partners", "create", "--name", name])?;
        let made = self.run(&["keys", "create", "--partner", name, "--environment", "test"])?;
        let key = made.split_whitespace().find(|word| word.starts_with("pk_test_"));
        Ok(key.context("no key was made")?.to_owned())
    }

    /// Runs a command of the program on it, and answers what it says.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailwright"));
        self.settings(&mut command);
        let ended = command.args(arguments).output()?;
        if !ended.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
        }
        Ok(String::from_utf8(ended.stdout)?)
    }
}

/// Reads lines until one holds what is looked for.
pub(crate) fn wait_for(
    output: &mut BufReader<ChildStdout>,
    mut find: impl FnMut(&str) -> Option<String>,
) -> anyhow::Result<String> {
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some(found) = find(line.trim()) {
            return Ok(found);
        }
        line.clear();
    }
    Err(anyhow!("the server ended before it said where it is; its own words are above"))
}

impl Server {
    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let latest = Instant::now() + PATIENCE;
        loop {
            if let Ok(mut connection) = Connection::open(self).await
                && connection.get("/readyz").await.is_ok_and(|answer| answer.status == 200)
            {
                return Ok(());
            }
            if Instant::now() > latest {
                bail!("the server was not ready after {} seconds", PATIENCE.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// What it holds in memory, in kilobytes.
    pub(crate) fn resident_kb(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS in /proc")?;
        let number = line.split_whitespace().next().context("an empty VmRSS in /proc")?;
        Ok(number.parse()?)
    }

    /// The processor time it has used so far.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, after_name) = stat.rsplit_once(')').context("a strange /proc stat")?;
        let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        Ok(Duration::from_millis(ticks.sum::<Result<u64, _>>()? * TICK_MS))
    }

    /// Tells it to stop in good order, and waits until it has.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status()?;
        if !told.success() {
            bail!("the server cannot be told to stop");
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
