//! A server that has a million orders: how soon it is there, what it takes at rest, and how long orders take while its log is copied
//! into the database, and while that is backed up.
//!
//! Orders come at a rate that the machine takes easily, and no worker runs. The log is copied whenever it has a thousand pages, so that
//! some orders of every measurement are beside that: which, says its index, which is looked at before and after each order.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use model::id::{Id as _, PartnerId};
use model::world::World;
use server::cli::out;
use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::time::Instant;

use crate::database::Database;
use crate::report::{Floors, at, title};
use crate::seeding::{self, Owner, Size};
use crate::server_process::{Home, Workers};
use crate::{machine, others};

mod backups;
mod log;
mod pace;

use backups::Backups;
use log::Log;
use pace::{Customers, GoesOn, Sample};

/// Orders a second, and where the log is to be copied more often.
const RATE: u32 = 100;
const FAST: u32 = 200;

/// Orders that what counts is taken from, at least.
const LEAST: usize = 3_000;

/// Orders that do not count, as nobody has asked before.
const WARM: usize = 500;

/// How many times the quiet p99 the p99.9 may be.
const MOST_RATIO: f64 = 3.0;

/// What orders were beside.
const NO_COPY: &str = "no copy of the log";
const A_COPY: &str = "a copy of the log";
const BACKUPS: &str = "backups";

/// How much is measured.
struct Extent {
    /// Orders that are there before.
    size: Size,
    /// Orders while nothing else happens.
    quiet: usize,
    /// The most orders until enough were beside a copy.
    fast: usize,
    /// Orders after the backup, while the log that has grown meanwhile is copied.
    after: usize,
}

const FULL: Extent = Extent { size: Size { orders: 1_000_000 }, quiet: 2 * LEAST, fast: 10 * LEAST, after: 2_000 };
const QUICK: Extent = Extent { size: Size { orders: 100_000 }, quiet: LEAST, fast: 2 * LEAST, after: 1_000 };

/// One line of the table.
struct Line {
    /// What the orders were beside.
    what: &'static str,
    rate: u32,
    /// In milliseconds, from the shortest.
    sorted: Vec<f64>,
    /// How often the whole log was copied meanwhile, and how large it was at the end, in megabytes.
    copies: u32,
    log: f64,
    /// What others took of the machine just before, in percent.
    others: u64,
}

pub(crate) async fn measure(quick: bool, floors: &mut Floors) -> anyhow::Result<()> {
    let extent = if quick { QUICK } else { FULL };
    let home = Home::make(Database::Sqlite, 0).await?;
    seed(&home, extent.size).await?;
    machine::rest(&home).await?.print(&format!("SQLite: at rest, {} orders", extent.size.orders), floors)?;
    let server = home.start(Workers::Idle).await?;
    let customers = Customers::of(&server, Log::open(&home)?);
    customers.place(RATE, until(WARM)).await?;
    let mut lines = beside_copies(&customers, &extent).await?;
    lines.extend(beside_backups(&customers, &home, &extent).await?);
    server.end()?;
    print(extent.size, &lines, floors)
}

async fn seed(home: &Home, size: Size) -> anyhow::Result<()> {
    let began = Instant::now();
    title(&format!("SQLite: {} orders are put down", size.orders));
    seeding::fill(&home.place.url, &owner(home).await?, size).await?;
    let file = std::fs::File::open(home.file("mailwright.db"))?;
    // What the system still has to write would be in the way of what is measured.
    file.sync_all()?;
    let (gigabytes, seconds) = (file.metadata()?.len() as f64 / 1e9, began.elapsed().as_secs());
    out::line(&format!("{gigabytes:.1} GB in {seconds} s"))?;
    Ok(())
}

/// The partner whose key the home has.
async fn owner(home: &Home) -> anyhow::Result<Owner> {
    let mut connection = AnyConnection::connect(&home.place.url).await?;
    let row = sqlx::query("SELECT id, test_epoch FROM partners").fetch_one(&mut connection).await?;
    let partner = PartnerId::opaque(row.try_get::<String, _>(0)?);
    let world = World::test(&partner, row.try_get(1)?);
    connection.close().await?;
    Ok(Owner { partner, world })
}

fn until(orders: usize) -> GoesOn {
    Arc::new(move |placed| placed.all.load(Ordering::Relaxed) < orders)
}

/// Orders that were beside no copy, orders that were, and all of each rate.
async fn beside_copies(customers: &Customers<'_>, extent: &Extent) -> anyhow::Result<Vec<Line>> {
    let (quiet, fast) = (extent.quiet, extent.fast);
    let all = line(customers, "either", RATE, until(quiet)).await?;
    let enough: GoesOn = Arc::new(move |placed| {
        let (all, beside) = (placed.all.load(Ordering::Relaxed), placed.beside_a_copy.load(Ordering::Relaxed));
        beside < LEAST && all < fast
    });
    let faster = line(customers, "either", FAST, enough).await?;
    let mut lines = vec![];
    for (line, samples) in [all, faster] {
        let some = |what, is_beside| Line {
            what,
            sorted: sorted(samples.iter().filter(|sample| sample.is_beside_a_copy == is_beside)),
            ..line
        };
        lines.extend([some(NO_COPY, false), some(A_COPY, true), line]);
    }
    Ok(lines)
}

/// Orders while backups are made, and those after the last one.
async fn beside_backups(customers: &Customers<'_>, home: &Home, extent: &Extent) -> anyhow::Result<Vec<Line>> {
    let backups = Backups::begin(home);
    let go_on = backups.go_on();
    let goes_on: GoesOn = Arc::new(move |placed| go_on(placed.all.load(Ordering::Relaxed) >= LEAST));
    let (beside, _) = line(customers, BACKUPS, RATE, goes_on).await?;
    let (after, _) = line(customers, "nothing, after them", RATE, until(extent.after)).await?;
    let took: Vec<_> = backups.took().await?.iter().map(|one| format!("{} s", one.as_secs())).collect();
    out::line(&format!("backups took {}", took.join(", ")))?;
    Ok(vec![beside, after])
}

async fn line(
    customers: &Customers<'_>,
    what: &'static str,
    rate: u32,
    goes_on: GoesOn,
) -> anyhow::Result<(Line, Vec<Sample>)> {
    let (others, before) = (others::share().await?, customers.log.look()?);
    let samples = customers.place(rate, goes_on).await?;
    let (copies, log) = (customers.log.look()?.begun_since(&before), customers.log.megabytes()?);
    Ok((Line { what, rate, sorted: sorted(&samples), copies, log, others }, samples))
}

fn sorted<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Vec<f64> {
    let mut sorted: Vec<_> = samples.into_iter().map(|sample| sample.ms).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn print(size: Size, lines: &[Line], floors: &mut Floors) -> anyhow::Result<()> {
    title(&format!(
        "SQLite: orders placed among {} others, milliseconds from when each was due to be sent\n(copies: how often all of the log was \
        copied into the database, and how large its file was at the end)",
        size.orders
    ));
    let row = |line: &Line| {
        let at = |permille| format!("{:.1}", at(&line.sorted, permille));
        let figures = [at(500), at(990), at(999), at(1000), line.copies.to_string(), format!("{:.0}", line.log)];
        let first = [line.what.to_owned(), line.rate.to_string(), line.sorted.len().to_string()];
        first.into_iter().chain(figures).chain([line.others.to_string()]).collect()
    };
    let header = ["BESIDE", "A SECOND", "ORDERS", "P50", "P99", "P99.9", "WORST", "COPIES", "LOG MB", "OTHERS %"];
    out::line(&out::table(&header, lines.iter().map(row).collect()))?;
    let quiet = at(found(lines, NO_COPY, RATE)?, 990);
    for (what, rate) in [(A_COPY, FAST), (BACKUPS, RATE)] {
        let ratio = at(found(lines, what, rate)?, 999) / quiet;
        floors.below(format!("SQLite: p99.9 of orders beside {what} over the quiet p99"), ratio, MOST_RATIO, "");
    }
    Ok(())
}

fn found<'a>(lines: &'a [Line], what: &str, rate: u32) -> anyhow::Result<&'a [f64]> {
    let line = lines.iter().find(|line| line.what == what && line.rate == rate);
    Ok(&line.context("a line is missing")?.sorted)
}
