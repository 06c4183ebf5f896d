//! Steps that wait to be settled together: whoever gets a connection first takes all that wait, its own among them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::Failure;
use tokio::sync::oneshot;

use super::settling::{Settlement, Settling};
use crate::gathering::Owner;

/// So many are settled together at most.
const TOGETHER: usize = 32;

/// What became of one: `None` when it has to be settled alone.
pub(super) type Written = Result<Option<Settlement>, Failure>;

/// One that waits.
pub(super) struct Waiting {
    pub(super) one: Arc<Settling>,
    pub(super) done: oneshot::Sender<Written>,
}

/// Those of each owner.
#[derive(Default)]
pub(crate) struct Steps(Mutex<HashMap<Owner, Vec<Waiting>>>);

impl Steps {
    /// One more waits.
    pub(super) fn add(&self, owner: &Owner, waiting: Waiting) {
        self.lock().entry(owner.clone()).or_default().push(waiting);
    }

    /// Those that wait the longest.
    pub(super) fn take(&self, owner: &Owner) -> Vec<Waiting> {
        let mut all = self.lock();
        let Some(waiting) = all.get_mut(owner) else { return vec![] };
        let taken = waiting.drain(..waiting.len().min(TOGETHER)).collect();
        if waiting.is_empty() {
            all.remove(owner);
        }
        taken
    }

    /// Takes one, if nobody has.
    pub(super) fn take_back(&self, owner: &Owner, one: &Arc<Settling>) -> Option<Waiting> {
        let mut all = self.lock();
        let waiting = all.get_mut(owner)?;
        let at = waiting.iter().position(|waiting| Arc::ptr_eq(&waiting.one, one))?;
        let taken = waiting.remove(at);
        if waiting.is_empty() {
            all.remove(owner);
        }
        Some(taken)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
