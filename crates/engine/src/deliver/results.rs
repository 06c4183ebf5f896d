//! What came of deliveries, on its way into the database: while some of a partner's results are written, those that come
//! meanwhile gather, and are written together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::id::PartnerId;
use model::task::Task;
use model::world::World;
use store::{Kind, StoreError, on_behalf_of};
use tokio::sync::oneshot;

use super::Sent;
use super::write::{Written, write};
use crate::parts::Parts;

/// So many results are written together at most.
const TOGETHER: usize = 64;

/// Whose results are written together: those of one partner's world, whose clock they are decided by.
type Owner = (PartnerId, World);

/// What is to be written of one delivery.
pub(super) struct Attempted {
    pub(super) task: Task,
    pub(super) sent: Sent,
    /// Between 0 and 1: when it is tried again.
    pub(super) fraction: f64,
}

struct Waiting {
    attempted: Arc<Attempted>,
    done: oneshot::Sender<Written>,
}

/// Results that wait to be written. An owner that is in it has somebody who writes.
#[derive(Clone, Default)]
pub struct Results(Arc<Mutex<HashMap<Owner, Vec<Waiting>>>>);

impl Results {
    /// Writes what came of a delivery; answers why its endpoint gets nothing any more, when that was decided by it.
    ///
    /// # Errors
    /// [`store::Failure::Lost`] when the delivery is somebody else's, or why nothing was written.
    pub(super) async fn settle(&self, parts: &Arc<Parts>, task: &Task, sent: Sent) -> Written {
        let (done, answer) = oneshot::channel();
        let attempted = Arc::new(Attempted { task: task.clone(), sent, fraction: parts.ids.fraction() });
        let owner = (task.partner.clone(), task.world.clone());
        if self.add(&owner, Waiting { attempted, done }) {
            // A task of its own: whoever began it may be given up, and the others wait for it too.
            let writer = Writer { results: self.clone(), parts: parts.clone(), owner, has_ended: false };
            tokio::spawn(writer.write());
        }
        answer.await.unwrap_or(Err(StoreError::Panicked.into()))
    }

    /// Whether nobody writes for this owner yet.
    fn add(&self, owner: &Owner, waiting: Waiting) -> bool {
        let mut all = self.lock();
        match all.get_mut(owner) {
            Some(others) => {
                others.push(waiting);
                false
            }
            None => {
                all.insert(owner.clone(), vec![waiting]);
                true
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes for one owner until nothing waits.
struct Writer {
    results: Results,
    parts: Arc<Parts>,
    owner: Owner,
    has_ended: bool,
}

impl Writer {
    async fn write(mut self) {
        while let Some(some) = self.take() {
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

    /// The next ones; `None` when there are none, and nobody writes any more.
    fn take(&self) -> Option<Vec<Waiting>> {
        let mut all = self.results.lock();
        let waiting = all.get_mut(&self.owner)?;
        if waiting.is_empty() {
            all.remove(&self.owner);
            return None;
        }
        Some(waiting.drain(..waiting.len().min(TOGETHER)).collect())
    }
}

impl Drop for Writer {
    /// When it was cut short, those who wait learn that nothing was written, and the next one begins anew.
    fn drop(&mut self) {
        if !self.has_ended {
            self.results.lock().remove(&self.owner);
        }
    }
}
