//! Deletes what nobody will ask for any more: sandboxes that were reset, quotes and remembered requests that
//! have run out.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use model::clock::SECOND;
use model::id::Id as _;
use store::feed::{self, FeedWait};
use store::{Halt, Kind, Tx, audit, on_behalf_of, partners, purge};

use crate::wire::Wired;

/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(3600);

/// Rows of the sandbox's own memory that are deleted at once.
const ROWS: u32 = 1_000;

/// How often it is looked whether the event feed stands still.
const LOOK: Duration = Duration::from_secs(5);

/// How long one transaction may hold the event feed up before the operator hears of it, in microseconds.
const PATIENCE: i64 = 5 * SECOND;

/// Says in the log when the event feed stands still, for whom and since when, and when it goes on.
pub(crate) async fn watch_feed(wired: &Wired) {
    let mut told: Option<i64> = None;
    while !wired.stop.is_cancelled() {
        // A database that does not answer is told by whoever needs it.
        if let Ok(mut db) = wired.store.read().await
            && let Ok(waits) = feed::waits(&mut db, PATIENCE).await
        {
            drop(db);
            told = tell(waits, told);
        }
        tokio::select! {
            biased;
            () = wired.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Once for each transaction that holds it up. Answers which was told of.
fn tell(waits: Option<FeedWait>, told: Option<i64>) -> Option<i64> {
    match (&waits, told) {
        (Some(wait), told) if told != Some(wait.pid) => {
            let FeedWait { pid, application, database, micros } = wait;
            let seconds = micros / SECOND;
            tracing::warn!(
                pid,
                application,
                database,
                seconds,
                "the event feed waits for a transaction that does not end; pg_terminate_backend(pid) ends it"
            );
        }
        (None, Some(pid)) => tracing::info!(pid, "the event feed goes on"),
        _ => {}
    }
    waits.map(|wait| wait.pid)
}

/// How often it is looked whether there is something to seal in the audit trail.
const SEAL: Duration = Duration::from_secs(2);

/// Seals the audit trail a moment after its entries are written. What fails is tried again the next time.
pub(crate) async fn seal_audit(wired: &Wired) {
    while !wired.stop.is_cancelled() {
        let sealing = on_behalf_of(Kind::Housekeeping, None, audit::seal(&wired.store, wired.app.clock.now()));
        let is_full = match sealing.await {
            Ok(sealed) => i64::try_from(sealed).is_ok_and(|sealed| sealed == audit::PIECE),
            Err(failure) => {
                tracing::debug!(%failure, "the audit trail could not be sealed now");
                false
            }
        };
        if is_full {
            continue;
        }
        tokio::select! {
            biased;
            () = wired.stop.cancelled() => {}
            () = tokio::time::sleep(SEAL) => {}
        }
    }
}

/// Keeps house until the server stops. What fails is tried again the next time.
pub(crate) async fn run(wired: &Wired) {
    while !wired.stop.is_cancelled() {
        if let Err(error) = tidy_up(wired).await {
            tracing::warn!(%error, "old rows could not be deleted; it is tried again in an hour");
        }
        tokio::select! {
            biased;
            () = wired.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Deletes everything that can go now, in small pieces, so that nobody waits for long.
///
/// # Errors
/// When a database does not answer.
pub async fn tidy_up(wired: &Wired) -> anyhow::Result<()> {
    let now = wired.app.clock.now();
    repeat(wired, move |tx| purge::quotes(tx, now).boxed()).await?;
    repeat(wired, move |tx| purge::remembered(tx, now).boxed()).await?;
    let partners = partners::all(&mut wired.store.read().await?).await?;
    for partner in partners {
        let id = model::id::PartnerId::opaque(partner.id.as_str());
        repeat(wired, move |tx| {
            let id = id.clone();
            async move { purge::old_worlds(tx, &id).await }.boxed()
        })
        .await?;
        while !wired.stop.is_cancelled() && wired.sim.forget(&partner.id, partner.test_epoch, ROWS).await? {}
    }
    Ok(())
}

/// Repeats a deletion until it finds no more.
async fn repeat<F>(wired: &Wired, delete: F) -> anyhow::Result<()>
where
    F: for<'t> Fn(&'t mut Tx) -> futures_util::future::BoxFuture<'t, Result<bool, Halt>>
        + Clone
        + Send
        + Sync
        + 'static,
{
    while !wired.stop.is_cancelled() {
        let deleting = on_behalf_of(Kind::Housekeeping, None, wired.store.settle(delete.clone()));
        let more = deleting.await.map_err(|failure| anyhow::anyhow!("{failure}"));
        if !more.context("old rows could not be deleted")? {
            break;
        }
    }
    Ok(())
}
