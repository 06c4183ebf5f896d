//! From where sites and certificates are kept to where they are served: asked whenever something may have changed, and in any case
//! every so often.

use std::error::Error;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Things that have changed, as far as somebody knows who keeps them.
#[derive(Clone, Debug)]
pub struct Changes<T> {
    /// Up to where these are all changes: the next question says it.
    pub mark: i64,
    /// Things that are new or have changed.
    pub put: Vec<T>,
    /// The sites, by their hosts, of which there is nothing any more.
    pub removed: Vec<String>,
    /// Whether `put` is all there is.
    pub is_whole: bool,
    /// Whether there are more, to be asked for at once.
    pub has_more: bool,
}

impl<T> Default for Changes<T> {
    fn default() -> Self {
        Self { mark: 0, put: vec![], removed: vec![], is_whole: false, has_more: false }
    }
}

/// Whoever keeps things that are served: sites ([`model::redirect::Site`]) or certificates ([`super::Kept`]).
pub trait Source<T>: Send + Sync {
    /// What has changed since a mark, zero: since ever. Several questions may together say all of it.
    fn changes(&self, since: i64) -> impl Future<Output = Result<Changes<T>, Box<dyn Error + Send + Sync>>> + Send;
}

/// Hands what `source` has to `serve` ([`super::Sites::serve`], [`super::Certificates::serve`]), until it is stopped: asks whenever
/// it is nudged, and after `every` in any case. While the source does not answer, everything goes on as it was.
pub async fn follow<T: Send>(
    source: &impl Source<T>,
    mut serve: impl FnMut(Changes<T>) + Send,
    every: Duration,
    nudge: &Notify,
    stop: CancellationToken,
) {
    let mut mark = 0;
    loop {
        let changes = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changes = source.changes(mark) => changes,
        };
        match changes {
            Ok(changes) => {
                mark = changes.mark;
                let has_more = changes.has_more;
                serve(changes);
                if has_more {
                    tokio::task::yield_now().await;
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "redirects go on as they are: where they are kept does not answer"),
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = nudge.notified() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
}
