//! From sites that are new to certificates that are wanted.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::keeper::Keeper;

/// How long is waited where nothing can be written down.
const AGAIN: Duration = Duration::from_secs(5);

/// Has certificates ordered of all sites that come, until it is stopped, and nudges whoever orders. What cannot be written down is
/// tried again, together with what comes meanwhile.
pub async fn want(
    keeper: &dyn Keeper,
    mut hosts: UnboundedReceiver<Vec<String>>,
    nudge: &Notify,
    stop: CancellationToken,
) {
    let mut waiting = vec![];
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            more = hosts.recv() => match more {
                Some(more) => waiting.extend(more),
                None => return,
            },
            () = sleep(AGAIN), if !waiting.is_empty() => {}
        }
        match keeper.want(&waiting).await {
            Ok(is_new) => {
                waiting.clear();
                if is_new {
                    nudge.notify_one();
                }
            }
            Err(error) => {
                tracing::warn!(%error, "certificates are not ordered yet: where they are kept does not answer")
            }
        }
    }
}
