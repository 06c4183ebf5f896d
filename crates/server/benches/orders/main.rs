//! How fast orders are placed and completed, beside what the same machine's disk and driver allow.
//!
//! The server under test is a process of its own: the program that `cargo bench` built, on a temporary
//! folder and a free port. This process only sends requests, from one thread, so that it takes little of
//! the machine away. Where workers must be idle on SQLite, which the program itself does not offer, this
//! executable starts itself once more as a server that has the API and no worker.
//!
//! Settings in the environment reach the servers, so that others than the defaults can be measured:
//! `MAILWRIGHT_DATABASE__CONNECTIONS=16 just bench`.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use server::cli::out;

use crate::database::Database;
use crate::deliveries::Part;
use crate::report::Floors;

mod api_only;
mod bare;
mod completion;
mod database;
mod deliveries;
mod flat;
mod http;
mod load;
mod machine;
mod many;
mod million;
mod order;
mod others;
mod pgbench;
mod placing;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod reads;
mod recording;
mod report;
#[path = "../seeding/mod.rs"]
mod seeding;
mod server_process;
mod watching;
mod whole;

/// Measure orders, beside the bare commit rate of the same machine
#[derive(Debug, Parser)]
struct Options {
    /// Fewer orders and shorter times: the numbers are rougher
    #[arg(long)]
    quick: bool,
    /// End with exit code 1 when a floor is missed
    #[arg(long)]
    check: bool,
    /// Measure on one database only
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Measure only what it costs that everything is counted
    #[arg(long)]
    watching: bool,
    /// Measure only one thing about deliveries
    #[arg(long, value_enum)]
    deliveries: Option<Part>,
    /// Measure only what a million orders change
    #[arg(long)]
    million: bool,
    /// What `cargo bench` passes, and `cargo test --benches` does not
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the server that has no worker
    #[arg(long, hide = true)]
    api_only: bool,
    /// Be a server with one route, which answers this
    #[arg(long, hide = true)]
    bare_route: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    Sqlite,
    Postgres,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Extent {
    /// Connections, and the orders they place together.
    levels: [(usize, u64); 4],
    /// Orders that one bare connection commits before and after each level.
    bare_orders: u64,
    /// How long pgbench runs before and after each level.
    pgbench_seconds: u32,
    /// How often each completion is measured.
    completions: usize,
}

const FULL: Extent = Extent {
    levels: [(1, 400), (8, 1600), (32, 3200), (64, 3200)],
    bare_orders: 1000,
    pgbench_seconds: 5,
    completions: 3,
};
const QUICK: Extent =
    Extent { levels: [(1, 100), (8, 400), (32, 800), (64, 800)], bare_orders: 200, pgbench_seconds: 1, completions: 1 };

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.api_only {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(api_only::serve())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(bytes) = options.bare_route {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(reads::serve(bytes))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !options.bench {
        out::line("Nothing is measured without --bench, which `cargo bench` passes.")?;
        return Ok(ExitCode::SUCCESS);
    }
    let floors = if options.deliveries.is_some() {
        Floors::default()
    } else {
        // One thread sends, so that little of the machine is taken away.
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(&options))?
    };
    let floors = if options.watching || options.million || options.only.is_some() {
        floors
    } else {
        // The bare loop is to have as many processors as the server.
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(deliver(&options, floors))?
    };
    floors.print();
    Ok(if options.check && floors.missed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn measure(options: &Options) -> anyhow::Result<Floors> {
    sqlx::any::install_default_drivers();
    let extent = if options.quick { QUICK } else { FULL };
    let mut floors = Floors::default();
    out::line(&format!("{} processors", std::thread::available_parallelism()?))?;
    if options.watching {
        watching::measure(options.quick, &mut floors).await?;
        return Ok(floors);
    }
    if options.million {
        million::measure(options.quick, &mut floors).await?;
        return Ok(floors);
    }
    if options.only != Some(Only::Postgres) {
        everything(&Database::Sqlite, &extent, &mut floors).await?;
        million::measure(options.quick, &mut floors).await?;
    }
    if options.only != Some(Only::Sqlite)
        && let Some(postgres) = postgres::durable_server()
    {
        everything(&Database::Postgres(postgres), &extent, &mut floors).await?;
    }
    Ok(floors)
}

async fn deliver(options: &Options, mut floors: Floors) -> anyhow::Result<Floors> {
    out::line(&format!("\nothers use {} % of the processors", others::share().await?))?;
    deliveries::measure(options.quick, options.deliveries, &mut floors).await?;
    Ok(floors)
}

async fn everything(database: &Database, extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    placing::measure(database, extent, floors).await?;
    completion::measure(database, extent, floors).await?;
    reads::measure(database, extent, floors).await?;
    flat::measure(database, floors).await?;
    machine::measure(database, floors).await
}
