//! Whether lists stay flat: every list call with every filter, among a thousand orders and among a million.
//!
//! `--seed DIR` only fills a data folder (or the database of `MAILWRIGHT_DATABASE_URL`), so that a server can
//! be started on it and looked at by hand. Without it both sizes are seeded into temporary places, and each
//! call is timed on the small and the large one in turn, in one process, through the whole router.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use server::cli::out;

use crate::place::Place;
use crate::seeding::Size;

mod calls;
mod measure;
mod place;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
#[path = "../seeding/mod.rs"]
mod seeding;

/// Measure lists among few and many rows
#[derive(Debug, Parser)]
struct Options {
    /// Orders among the many; five times as many domains
    #[arg(long, default_value_t = 1_000_000)]
    orders: i64,
    /// Fill this data folder and stop
    #[arg(long, value_name = "DIR")]
    seed: Option<std::path::PathBuf>,
    /// Measure on one database only
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Requests of each call on each size
    #[arg(long, default_value_t = 1_000)]
    requests: usize,
    /// End with exit code 1 when a list among many is more than 1.5 times as slow
    #[arg(long)]
    check: bool,
    /// What `cargo bench` passes, and `cargo test --benches` does not
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    Sqlite,
    Postgres,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if !options.bench {
        out::line("Nothing is measured without --bench, which `cargo bench` passes.")
            .expect("standard output takes it");
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&options))
}

async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    sqlx::any::install_default_drivers();
    let many = Size { orders: options.orders };
    if let Some(folder) = &options.seed {
        let place = Place::at(folder).await?;
        seeding::fill(&place.url, &place::owner(), many).await?;
        out::line(&format!("key: {}", place.key())).expect("standard output takes it");
        return Ok(ExitCode::SUCCESS);
    }
    let mut flat = true;
    if options.only != Some(Only::Postgres) {
        flat &= compare("SQLite", [Place::sqlite().await?, Place::sqlite().await?], many, options.requests).await?;
    }
    if options.only != Some(Only::Sqlite)
        && let Some(server) = postgres::durable_server()
    {
        let places = [Place::postgres(server).await?, Place::postgres(server).await?];
        flat &= compare("PostgreSQL", places, many, options.requests).await?;
    }
    Ok(if options.check && !flat { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn compare(name: &str, [small, large]: [Place; 2], many: Size, requests: usize) -> anyhow::Result<bool> {
    let few = Size { orders: 1_000 };
    seeding::fill(&small.url, &place::owner(), few).await?;
    seeding::fill(&large.url, &place::owner(), many).await?;
    let side = |place, size| measure::Side { place, size };
    measure::compare(name, side(&small, few), side(&large, many), requests).await
}
