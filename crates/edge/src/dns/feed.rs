//! From where the zones are kept to where they are served: asked whenever something may have changed, and in any case every
//! so often.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use model::dns::Zone;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Rendered, Update, Zones};

/// Zones that have changed, as far as somebody knows who keeps them.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Up to where these are all changes: the next question says it.
    pub mark: i64,
    /// Zones that are new or have changed.
    pub zones: Vec<Zone>,
    /// Names of zones that are not served any more.
    pub removed: Vec<String>,
    /// Whether `zones` is all there is.
    pub is_whole: bool,
    /// Whether there are more, to be asked for at once.
    pub has_more: bool,
}

/// Whoever keeps the zones.
pub trait Source: Send + Sync {
    /// What has changed since a mark, zero: since ever. Several questions may together say all of it.
    fn changes(&self, since: i64) -> impl Future<Output = Result<Changes, Box<dyn Error + Send + Sync>>> + Send;
}

/// Serves what `source` has, until it is stopped: asks whenever it is nudged, and after `every` in any case. What cannot be
/// served is said, and the zone goes on as it was; while the source does not answer, everything does.
pub async fn follow(
    source: &impl Source,
    zones: Arc<Zones>,
    every: Duration,
    nudge: Arc<Notify>,
    stop: CancellationToken,
) {
    let mut mark = 0;
    loop {
        let looked = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            looked = look(source, &zones, mark) => looked,
        };
        match looked {
            Ok((next, has_more)) => {
                mark = next;
                if has_more {
                    tokio::task::yield_now().await;
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "zones go on as they are: where they are kept does not answer"),
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = nudge.notified() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
}

/// Serves what has changed since a mark. Answers from which mark on to look again, and whether at once.
///
/// # Errors
/// The source's.
pub async fn look(
    source: &impl Source,
    zones: &Zones,
    since: i64,
) -> Result<(i64, bool), Box<dyn Error + Send + Sync>> {
    let changes = source.changes(since).await?;
    let next = (changes.mark, changes.has_more);
    serve(zones, changes);
    Ok(next)
}

fn serve(zones: &Zones, changes: Changes) {
    let Changes { zones: changed, removed, is_whole, .. } = changes;
    let mut put = Vec::with_capacity(changed.len());
    for zone in changed {
        match Rendered::of(&zone) {
            Ok(rendered) => put.push(rendered),
            Err(fault) => tracing::error!(zone = zone.name, %fault, "a zone cannot be served and goes on as it was"),
        }
    }
    for stale in zones.publish(Update { put, removed, is_whole }) {
        tracing::error!(%stale, "a zone goes on as it was, for its serial has to grow");
    }
}
