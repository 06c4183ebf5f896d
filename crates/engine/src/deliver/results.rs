//! What came of deliveries, on its way into the database: while some of a partner's results are written, those that come
//! meanwhile gather, and are written together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::delivery::{DisabledReason, Tried};
use model::id::PartnerId;
use model::task::Task;
use model::world::World;
use store::Failure;
use tokio::sync::oneshot;

/// So many results are written together at most.
const TOGETHER: usize = 128;

/// Whose results are written together: those of one partner's world, whose clock they are decided by.
pub(super) type Owner = (PartnerId, World);

/// What became of one result: why its endpoint gets nothing from now on, when that was decided by it.
pub(super) type Written = Result<Option<DisabledReason>, Failure>;

/// What an attempt found out.
pub(super) enum Sent {
    /// There was nothing to send, or nobody to send it to.
    Nothing,
    /// This machine could not send. That is no attempt: it says nothing about the endpoint.
    Unable,
    /// It was sent, or at least tried.
    Tried(Tried),
}

/// What is to be written of one delivery.
pub(super) struct Attempted {
    pub(super) task: Task,
    pub(super) sent: Sent,
    /// Between 0 and 1: when it is tried again.
    pub(super) fraction: f64,
}

/// A result that somebody waits to be written.
pub(super) struct Waiting {
    pub(super) attempted: Arc<Attempted>,
    pub(super) done: oneshot::Sender<Written>,
}

/// Results that wait to be written. An owner that is in it has somebody who writes.
#[derive(Clone, Default)]
pub struct Results(Arc<Mutex<HashMap<Owner, Vec<Waiting>>>>);

impl Results {
    /// Whether nobody writes for this owner yet: whoever is told so has to.
    pub(super) fn add(&self, owner: &Owner, waiting: Waiting) -> bool {
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

    /// The next ones; `None` when there are none, and nobody writes for this owner any more.
    pub(super) fn take(&self, owner: &Owner) -> Option<Vec<Waiting>> {
        let mut all = self.lock();
        let waiting = all.get_mut(owner)?;
        if waiting.is_empty() {
            all.remove(owner);
            return None;
        }
        Some(waiting.drain(..waiting.len().min(TOGETHER)).collect())
    }

    /// Nobody writes for this owner any more; those who wait learn that nothing was written.
    pub(super) fn give_up(&self, owner: &Owner) {
        self.lock().remove(owner);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use model::clock::Time;
    use model::id::{Id as _, TaskId};
    use model::task::Lane;

    use super::*;

    fn owner() -> Owner {
        (PartnerId::opaque("org_1"), World::live())
    }

    fn waiting() -> (Waiting, oneshot::Receiver<Written>) {
        let (done, answer) = oneshot::channel();
        let task = Task {
            id: TaskId::opaque("tsk_1"),
            lane: Lane::Delivery,
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            bucket: "whe_1".into(),
            subject: "dlv_1".into(),
            due_at: Time(0),
            lease: None,
            attempts: 0,
        };
        (Waiting { attempted: Arc::new(Attempted { task, sent: Sent::Nothing, fraction: 0.0 }), done }, answer)
    }

    #[test]
    fn one_writes_and_the_others_gather() {
        let results = Results::default();
        assert!(results.add(&owner(), waiting().0), "the first one has to write");
        assert_eq!(results.take(&owner()).map(|some| some.len()), Some(1));
        for _ in 0..200 {
            assert!(!results.add(&owner(), waiting().0), "somebody writes already");
        }
        let taken: Vec<_> = std::iter::from_fn(|| results.take(&owner())).map(|some| some.len()).collect();
        assert_eq!(taken, [128, 72]);
        assert!(results.add(&owner(), waiting().0), "nobody writes any more");
    }

    #[test]
    fn those_of_a_writer_who_is_gone_learn_it_and_the_next_one_writes() {
        let results = Results::default();
        let (first, _answer) = waiting();
        results.add(&owner(), first);
        let (second, mut answer) = waiting();
        results.add(&owner(), second);
        results.give_up(&owner());
        assert!(answer.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        assert!(results.add(&owner(), waiting().0));
    }
}
