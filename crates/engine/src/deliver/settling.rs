//! Has results written: by whoever came first for its partner's world, together with those that came meanwhile.

use std::sync::Arc;

use model::task::Task;
use store::{Kind, StoreError, on_behalf_of};
use tokio::sync::oneshot;

use super::results::{Attempted, Owner, Sent, Waiting, Written};
use super::write::write;
use crate::parts::Parts;

/// Writes what came of a delivery; answers why its endpoint gets nothing any more, when that was decided by it.
///
/// # Errors
/// [`store::Failure::Lost`] when the delivery is somebody else's, or why nothing was written.
pub(super) async fn settle(parts: &Arc<Parts>, task: &Task, sent: Sent) -> Written {
    let (done, answer) = oneshot::channel();
    let attempted = Arc::new(Attempted { task: task.clone(), sent, fraction: parts.ids.fraction() });
    let owner = (task.partner.clone(), task.world.clone());
    if parts.results.add(&owner, Waiting { attempted, done }) {
        // A task of its own: whoever began it may be given up, and the others wait for it too.
        tokio::spawn(Writer { parts: parts.clone(), owner, has_ended: false }.write());
    }
    answer.await.unwrap_or(Err(StoreError::Panicked.into()))
}

/// Writes for one owner until nothing waits.
struct Writer {
    parts: Arc<Parts>,
    owner: Owner,
    has_ended: bool,
}

impl Writer {
    async fn write(mut self) {
        while let Some(some) = self.parts.results.take(&self.owner) {
            let (attempted, done): (Vec<_>, Vec<_>) = some.into_iter().map(|one| (one.attempted, one.done)).unzip();
            let (partner, world) = &self.owner;
            let writing = write(&self.parts, (partner, world), attempted);
            let written = on_behalf_of(Kind::Delivery, Some((partner, world.environment())), writing).await;
            for (done, result) in done.into_iter().zip(written) {
                // Whoever asked may have been given up.
                let _ = done.send(result);
            }
        }
        self.has_ended = true;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.has_ended {
            self.parts.results.give_up(&self.owner);
        }
    }
}
