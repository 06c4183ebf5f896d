//! Deletes what nobody will ask for any more: sandboxes that were reset, quotes and remembered requests that
//! have run out.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use model::id::Id as _;
use store::{Halt, Kind, Tx, on_behalf_of, partners, purge};

use crate::wire::Wired;

/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(3600);

/// Rows of the sandbox's own memory that are deleted at once.
const ROWS: u32 = 1_000;

/// Keeps house until the server stops. What fails is tried again the next time.
pub(crate) async fn run(wired: &Wired) {
    while !wired.stop.is_cancelled() {
        if let Err(error) = turn(wired).await {
            tracing::warn!(%error, "old rows could not be deleted; it is tried again in an hour");
        }
        tokio::select! {
            () = wired.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Deletes everything that can go now, in small pieces, so that nobody waits for long.
///
/// # Errors
/// When a database does not answer.
pub async fn turn(wired: &Wired) -> anyhow::Result<()> {
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
