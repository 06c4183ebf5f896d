//! Orders placed per second, workers idle and workers on, beside the bare rate just before and after.

use server::cli::out;
use sqlx::{AnyConnection, Connection as _};

use crate::Extent;
use crate::bare::{self, Effort};
use crate::database::Database;
use crate::load::{self, DOMAINS, Load};
use crate::others;
use crate::recording::Recording;
use crate::report::{Floors, title};
use crate::server_process::{Home, Workers};

/// The level that the floors speak of.
const FLOOR_LEVEL: usize = 32;

/// The longest that 99 of 100 orders may take, in milliseconds.
const MOST_P99_MS: f64 = 60.0;

/// How often that level is measured; the middle one of its ratios counts.
const FLOOR_ROUNDS: u64 = 3;

/// One line of the table.
struct Level {
    connections: usize,
    idle: Round,
    on: Load,
    /// Orders a second that the workers completed meanwhile.
    completed: f64,
}

/// Orders placed with idle workers, between two looks at the bare rate.
struct Round {
    load: Load,
    bare: f64,
    /// What others took of the machine just before and after, in percent.
    others: u64,
}

impl Round {
    fn ratio(&self) -> f64 {
        self.load.rate() / self.bare
    }
}

pub(crate) async fn measure(database: &Database, extent: &Extent, floors: &mut Floors) -> anyhow::Result<()> {
    let recording = Recording::make(*database, DOMAINS).await?;
    let effort = Effort { orders: extent.bare_orders, seconds: extent.pgbench_seconds };
    let mut levels = vec![];
    for (connections, orders) in extent.levels {
        let rounds = if connections == FLOOR_LEVEL { FLOOR_ROUNDS } else { 1 };
        let mut idle = vec![];
        let mut before = bare::rate(*database, &recording, effort).await?;
        for _ in 0..rounds {
            let others_before = others::share().await?;
            let load = place(*database, Workers::Idle, connections, orders / rounds).await?.0;
            let others = others_before.max(others::share().await?);
            let after = bare::rate(*database, &recording, effort).await?;
            idle.push(Round { load, bare: f64::midpoint(before, after), others });
            before = after;
        }
        idle.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
        let (on, completed) = place(*database, Workers::On, connections, orders).await?;
        levels.push(Level { connections, idle: idle.swap_remove(idle.len() / 2), on, completed });
    }
    print(*database, &recording, &levels);
    hold(*database, &levels, floors);
    Ok(())
}

/// Places orders on a new database, and says how many a second were completed at the same time.
async fn place(database: Database, workers: Workers, connections: usize, orders: u64) -> anyhow::Result<(Load, f64)> {
    let home = Home::make(database, 0).await?;
    let server = home.start(workers).await?;
    let load = load::run(&server, connections, orders).await?;
    let completed = completed(&home.place.url).await?;
    let rate = completed as f64 / load.took().as_secs_f64();
    Ok((load, rate))
}

/// How many orders are completed.
pub(crate) async fn completed(url: &str) -> anyhow::Result<i64> {
    let mut connection = AnyConnection::connect(url).await?;
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM orders WHERE status = 'completed'";
    let count = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(count)
}

fn print(database: Database, recording: &Recording, levels: &[Level]) {
    let (rows, statements) = recording.size();
    let rival = match database {
        Database::Sqlite => "bare: one connection, the same driver, one transaction per order",
        Database::Postgres(_) => "bare: pgbench with 8 clients inserting the same rows",
    };
    title(&format!(
        "{}: orders of {DOMAINS} domains placed per second\n({rows} rows in {statements} statements; {rival};\n\
        completed: orders a second meanwhile; others: what else the machine did just before or after)",
        database.name()
    ));
    let row = |level: &Level| {
        vec![
            level.connections.to_string(),
            format!("{:.0}", level.idle.load.rate()),
            format!("{:.1}", level.idle.load.percentile_ms(50)),
            format!("{:.1}", level.idle.load.percentile_ms(99)),
            format!("{:.2}", level.idle.load.processor_ms()),
            format!("{:.0}", level.idle.bare),
            format!("{:.2}", level.idle.ratio()),
            format!("{:.0}", level.on.rate()),
            format!("{:.1}", level.on.percentile_ms(50)),
            format!("{:.1}", level.on.percentile_ms(99)),
            format!("{:.0}", level.completed),
            level.idle.others.to_string(),
        ]
    };
    let header = [
        "CONNECTIONS",
        "WORKERS IDLE",
        "P50 MS",
        "P99 MS",
        "CPU MS EACH",
        "BARE",
        "RATIO",
        "WORKERS ON",
        "P50 MS",
        "P99 MS",
        "COMPLETED",
        "OTHERS %",
    ];
    out::line(&out::table(&header, levels.iter().map(row).collect())).expect("standard output takes it");
}

fn hold(database: Database, levels: &[Level], floors: &mut Floors) {
    let least = match database {
        Database::Sqlite => 0.5,
        Database::Postgres(_) => 0.3,
    };
    for level in levels.iter().filter(|level| level.connections == FLOOR_LEVEL) {
        let name = database.name();
        let what = format!("{name}: orders at {FLOOR_LEVEL} connections over the bare rate");
        floors.at_least(what, level.idle.ratio(), least, "");
        let what = format!("{name}: p99 at {FLOOR_LEVEL} connections");
        floors.below(what, level.idle.load.percentile_ms(99), MOST_P99_MS, " ms");
    }
}
