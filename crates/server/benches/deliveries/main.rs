//! How fast events are delivered, beside the bare loop of the same client: sign, post, wait for the answer.
//!
//! The server under test is a process of its own, on a temporary folder. What it tells is received by this process, as
//! cheaply as possible, and the bare loop sends to the same receiver. Both have the whole machine in turn.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use server::cli::out;

use crate::report::Floors;

#[path = "../orders/api_only.rs"]
mod api_only;
mod bare;
mod crowd;
#[path = "../orders/database.rs"]
mod database;
mod drain;
mod flood;
#[path = "../orders/http.rs"]
mod http;
mod latency;
#[path = "../orders/order.rs"]
mod order;
#[path = "../orders/others.rs"]
mod others;
mod place;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod receiver;
#[path = "../orders/report.rs"]
mod report;
#[path = "../orders/server_process.rs"]
mod server_process;
mod sustained;

/// Measure deliveries, beside a bare loop that signs and posts
#[derive(Debug, Parser)]
struct Options {
    /// Fewer events and shorter times: the numbers are rougher
    #[arg(long)]
    quick: bool,
    /// End with exit code 1 when a floor is missed
    #[arg(long)]
    check: bool,
    /// Measure only one thing
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// What `cargo bench` passes, and `cargo test --benches` does not
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the server that has no worker
    #[arg(long, hide = true)]
    api_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Drain,
    Crowd,
    Sustained,
    Latency,
    Flood,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Events in a backlog.
    pub(crate) backlog: usize,
    /// How often a ratio is measured; the middle one counts.
    pub(crate) rounds: usize,
    /// How long something goes on that is measured over time.
    pub(crate) time: Duration,
}

const FULL: Extent = Extent { backlog: 20_000, rounds: 3, time: Duration::from_secs(60) };
const QUICK: Extent = Extent { backlog: 5_000, rounds: 1, time: Duration::from_secs(10) };

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.api_only {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(api_only::serve())?;
        return Ok(ExitCode::SUCCESS);
    }
    if !options.bench {
        out::line("Nothing is measured without --bench, which `cargo bench` passes.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let floors = runtime.block_on(measure(&options))?;
    Ok(if options.check && floors.missed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn measure(options: &Options) -> anyhow::Result<Floors> {
    let extent = if options.quick { QUICK } else { FULL };
    let mut floors = Floors::default();
    let wants = |part| options.only.is_none_or(|only| only == part);
    out::line(&format!(
        "{} processors; others use {} %",
        std::thread::available_parallelism()?,
        others::share().await?
    ))?;
    if wants(Part::Drain) {
        drain::measure(&extent, &mut floors).await?;
    }
    if wants(Part::Crowd) {
        crowd::measure(&extent, &mut floors).await?;
    }
    if wants(Part::Sustained) {
        sustained::measure(&extent, &mut floors).await?;
    }
    if wants(Part::Latency) {
        latency::measure(&extent, &mut floors).await?;
    }
    if wants(Part::Flood) {
        flood::measure(&extent, &mut floors).await?;
    }
    floors.print();
    Ok(floors)
}
