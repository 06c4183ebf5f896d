//! A claim among a million timers that are not due, and among ten thousand endpoints of which half have something due that nobody
//! can take; and what a process holds in memory that has them all.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{Clock as _, DAY, SECOND, SystemClock, Time};
use model::id::{Id as _, Ids, LeaseId, PartnerId};
use model::task::{Lane, Task};
use model::world::World;
use server::cli::out;
use store::{Store, tasks};
use tokio::time::Instant;

use crate::database::Database;
use crate::report::{Floors, title};
use crate::server_process::{Home, Workers};

/// Timers, and the partners they are of.
const TIMERS: usize = 1_000_000;
const PARTNERS: usize = 10_000;

/// Endpoints; every second one has something due that stays where it is.
const ENDPOINTS: usize = 10_000;

/// Tasks that are written at once.
const PIECE: usize = 5_000;

/// Claims that are timed.
const CLAIMS: usize = 1_000;

/// The longest that 99 of 100 claims may take, in milliseconds, and the most memory of a process, in megabytes.
const MOST_P99_MS: f64 = 5.0;
const MOST_MEMORY_MB: f64 = 150.0;

/// How long a server is left alone before its memory is read.
const REST: Duration = Duration::from_secs(3);

pub(crate) async fn measure(database: &Database, floors: &mut Floors) -> anyhow::Result<()> {
    let home = Home::make(*database, 0).await?;
    let store = home.place.open().await?;
    let clock = std::sync::Arc::new(SystemClock);
    let (ids, now) = (Ids::new(clock.clone()), clock.now());
    let far = |n: usize| now.plus(DAY + n as i64);
    write(&store, &ids, (0..TIMERS).map(|n| task(&ids, Lane::Timer, n % PARTNERS, far(n))), now).await?;
    let waiting = (0..ENDPOINTS).map(|n| task(&ids, Lane::Delivery, n, far(n)));
    write(&store, &ids, waiting, now).await?;
    let timers = claims(&store, &ids, Lane::Timer).await?;
    let few = claims(&store, &ids, Lane::Delivery).await?;
    let stuck = (0..ENDPOINTS).step_by(2).map(|n| task(&ids, Lane::Delivery, n, now.plus(-SECOND)));
    write(&store, &ids, stuck, now).await?;
    let behind = round(&store).await?;
    store.close().await;
    let server = home.start(Workers::On).await?;
    tokio::time::sleep(REST).await;
    let memory = server.resident_kb()? as f64 / 1024.0;
    server.end()?;
    let name = database.name();
    title(&format!(
        "{name}: a claim among {TIMERS} open timers of {PARTNERS} partners, and among {ENDPOINTS} endpoints"
    ));
    out::line(&format!("claim of a timer: p50 {:.2} ms, p99 {:.2} ms", timers.0, timers.1))?;
    out::line(&format!("claim of a delivery: p50 {:.2} ms, p99 {:.2} ms", few.0, few.1))?;
    out::line(&format!("all shares gone through, once a second at most: {behind:.1} ms"))?;
    out::line(&format!("memory of a process with workers: {memory:.1} MB"))?;
    floors.below(format!("{name}: p99 of a claim among {TIMERS} timers"), timers.1, MOST_P99_MS, " ms");
    floors.below(format!("{name}: p99 of a claim among {ENDPOINTS} endpoints"), few.1, MOST_P99_MS, " ms");
    floors.below(format!("{name}: memory with {TIMERS} timers"), memory, MOST_MEMORY_MB, " MB");
    Ok(())
}

fn task(ids: &Ids, lane: Lane, bucket: usize, due_at: Time) -> Task {
    Task {
        id: ids.next(),
        lane,
        partner: PartnerId::opaque(format!("org_{bucket}")),
        world: World::live(),
        bucket: format!("bucket_{bucket:05}"),
        subject: ids.next::<LeaseId>().to_string(),
        due_at,
        lease: None,
        attempts: 0,
    }
}

async fn write(store: &Store, ids: &Ids, all: impl Iterator<Item = Task>, now: Time) -> anyhow::Result<()> {
    let all: Vec<_> = all.collect();
    for piece in all.chunks(PIECE) {
        let (piece, ids) = (piece.to_vec(), ids.clone());
        let written = store.write(move |tx| {
            let (mut change, ids) = (Change::default(), ids.clone());
            change.tasks.extend(piece.clone());
            async move { tx.apply(change, &ids, now).await }.boxed()
        });
        written.await.map_err(|failure| anyhow::anyhow!("tasks could not be written: {failure}"))?;
    }
    Ok(())
}

/// How long it takes to find and take the one task that is due, again and again: the middle and the 99th of a hundred, in
/// milliseconds.
async fn claims(store: &Store, ids: &Ids, lane: Lane) -> anyhow::Result<(f64, f64)> {
    let mut took = vec![];
    for n in 0..CLAIMS {
        let now = SystemClock.now();
        write(store, ids, std::iter::once(task(ids, lane, n, now)), now).await?;
        let began = Instant::now();
        let (shares, is_all) = tasks::next_due_buckets(&mut store.read().await?, lane, now, 128).await?;
        anyhow::ensure!(is_all && shares.len() == 1, "{} shares have something due", shares.len());
        let (name, lease) = (shares.into_iter().next().context("nothing is due")?.name, ids.next::<LeaseId>());
        let claiming = store.settle(move |tx| {
            let (name, lease) = (name.clone(), LeaseId::opaque(lease.as_str()));
            async move { tasks::claim(tx, lane, &name, 8, now, now.plus(DAY), &lease).await }.boxed()
        });
        let claimed = claiming.await.map_err(|failure| anyhow::anyhow!("a task could not be claimed: {failure}"))?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        anyhow::ensure!(claimed.len() == 1, "{} tasks were claimed", claimed.len());
    }
    took.sort_by(f64::total_cmp);
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or(f64::NAN);
    Ok((at(50), at(99)))
}

/// How long it takes to go through all shares, in milliseconds.
async fn round(store: &Store) -> anyhow::Result<f64> {
    let (began, now) = (Instant::now(), SystemClock.now());
    let shares = tasks::due_buckets(&mut store.read().await?, Lane::Delivery, now).await?;
    anyhow::ensure!(shares.len() == ENDPOINTS / 2, "{} shares have something due", shares.len());
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}
