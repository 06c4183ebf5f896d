//! What a server takes that has nothing to do, and how soon it is there.

use std::time::Duration;

use anyhow::{Context as _, bail};
use server::cli::out;

use crate::database::Database;
use crate::http::Connection;
use crate::load;
use crate::report::{Floors, title};
use crate::server_process::{Home, Workers};

/// Starts that are timed.
const STARTS: usize = 5;

/// The most memory that an idle server may hold, in megabytes.
const MOST_MEMORY_MB: f64 = 30.0;

/// The longest that a start may take, in milliseconds.
const MOST_START_MS: f64 = 100.0;

/// How long a server is left alone before its memory is read.
const REST: Duration = Duration::from_secs(2);

pub(crate) async fn measure(database: &Database, floors: &mut Floors) -> anyhow::Result<()> {
    let home = Home::make(*database, 0).await?;
    let server = home.start(Workers::Idle).await?;
    load::run(&server, 1, 50).await?;
    server.end()?;
    // The next one completes what the first has left, so that there is something to find and nothing to do.
    let server = home.start(Workers::On).await?;
    tokio::time::sleep(REST).await;
    server.end()?;

    rest(&home).await?.print(&format!("{}: at rest", database.name()), floors)
}

/// What was found of a server that has nothing to do.
#[derive(Debug)]
pub(crate) struct Rest {
    start_ms: f64,
    memory_mb: f64,
}

/// Starts the program on what a home has, several times.
pub(crate) async fn rest(home: &Home) -> anyhow::Result<Rest> {
    let (mut starts, mut resident) = (vec![], 0);
    for _ in 0..STARTS {
        let server = home.start(Workers::On).await?;
        starts.push(server.ready_after);
        let answer = Connection::open(&server).await?.get("/partner/v1/me").await?;
        if answer.status != 200 {
            bail!("GET /me answered {}", answer.status);
        }
        if starts.len() == STARTS {
            tokio::time::sleep(REST).await;
            resident = server.resident_kb()?;
        }
        server.end()?;
    }
    starts.sort_unstable();
    let start_ms = starts.get(STARTS / 2).context("no start was measured")?.as_secs_f64() * 1000.0;
    let memory_mb = resident as f64 / 1024.0;
    Ok(Rest { start_ms, memory_mb })
}

impl Rest {
    /// Prints it below a heading, and holds it against the floors.
    pub(crate) fn print(&self, heading: &str, floors: &mut Floors) -> anyhow::Result<()> {
        title(heading);
        out::line(&format!("memory of an idle server after one request: {:.1} MB", self.memory_mb))?;
        out::line(&format!("start to ready on an existing database, median of {STARTS}: {:.0} ms", self.start_ms))?;
        floors.below(format!("{heading}, memory"), self.memory_mb, MOST_MEMORY_MB, " MB");
        floors.below(format!("{heading}, start to ready"), self.start_ms, MOST_START_MS, " ms");
        Ok(())
    }
}
