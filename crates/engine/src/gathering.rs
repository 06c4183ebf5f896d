//! What came of work, on its way into the database: while some of a partner's results are written, those that come meanwhile
//! gather, and are written together.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::id::PartnerId;
use model::world::World;
use store::{Failure, Kind, StoreError, on_behalf_of};
use tokio::sync::oneshot;

/// Whose results are written together: those of one partner's world, whose clock they are decided by.
pub(crate) type Owner = (PartnerId, World);

/// A result that somebody waits to be written.
struct Waiting<T, W> {
    result: Arc<T>,
    done: oneshot::Sender<Result<W, Failure>>,
}

type Queues<T, W> = HashMap<Owner, Vec<Waiting<T, W>>>;

/// Results that wait to be written, and what becomes of one when it is. An owner that is in it has somebody who writes.
pub(crate) struct Gathering<T, W> {
    queues: Arc<Mutex<Queues<T, W>>>,
    /// What is written.
    kind: Kind,
    /// So many are written together at most.
    most: usize,
}

impl<T, W> Clone for Gathering<T, W> {
    fn clone(&self) -> Self {
        Self { queues: self.queues.clone(), ..*self }
    }
}

impl<T, W> Gathering<T, W> {
    /// Nothing waits yet.
    pub(crate) fn new(kind: Kind, most: usize) -> Self {
        Self { queues: Arc::default(), kind, most }
    }

    /// Whether nobody writes for this owner yet: whoever is told so has to.
    fn add(&self, owner: &Owner, waiting: Waiting<T, W>) -> bool {
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
    fn take(&self, owner: &Owner) -> Option<Vec<Waiting<T, W>>> {
        let mut all = self.lock();
        let waiting = all.get_mut(owner)?;
        if waiting.is_empty() {
            all.remove(owner);
            return None;
        }
        Some(waiting.drain(..waiting.len().min(self.most)).collect())
    }

    /// Nobody writes for this owner any more; those who wait learn that nothing was written.
    fn give_up(&self, owner: &Owner) {
        self.lock().remove(owner);
    }

    fn lock(&self) -> MutexGuard<'_, Queues<T, W>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + Sync + 'static, W: Send + 'static> Gathering<T, W> {
    /// Has a result written together with those of its owner that come meanwhile: by `write`, which answers for each in their order.
    ///
    /// # Errors
    /// What `write` says of this one, and that nobody knows when it has died.
    pub(crate) async fn write<F>(
        &self,
        owner: Owner,
        result: Arc<T>,
        write: impl Fn(Owner, Vec<Arc<T>>) -> F + Send + 'static,
    ) -> Result<W, Failure>
    where
        F: Future<Output = Vec<Result<W, Failure>>> + Send + 'static,
    {
        let (done, answer) = oneshot::channel();
        if self.add(&owner, Waiting { result, done }) {
            // A task of its own: whoever began it may be given up, and the others wait for it too.
            tokio::spawn(Writer { gathering: self.clone(), owner, has_ended: false }.run(write));
        }
        answer.await.unwrap_or(Err(StoreError::Panicked.into()))
    }
}

/// Writes for one owner until nothing waits.
struct Writer<T, W> {
    gathering: Gathering<T, W>,
    owner: Owner,
    has_ended: bool,
}

impl<T, W> Writer<T, W> {
    async fn run<F>(mut self, write: impl Fn(Owner, Vec<Arc<T>>) -> F + Send)
    where
        F: Future<Output = Vec<Result<W, Failure>>> + Send,
    {
        while let Some(some) = self.gathering.take(&self.owner) {
            let (results, done): (Vec<_>, Vec<_>) = some.into_iter().map(|one| (one.result, one.done)).unzip();
            let (partner, world) = &self.owner;
            let writing = write(self.owner.clone(), results);
            let written = on_behalf_of(self.gathering.kind, Some((partner, world.environment())), writing).await;
            for (done, result) in done.into_iter().zip(written) {
                // Whoever asked may have been given up.
                let _ = done.send(result);
            }
        }
        self.has_ended = true;
    }
}

impl<T, W> Drop for Writer<T, W> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.gathering.give_up(&self.owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::id::Id as _;

    use super::*;

    type Answer = oneshot::Receiver<Result<u64, Failure>>;

    fn owner() -> Owner {
        (PartnerId::opaque("org_1"), World::live())
    }

    fn waiting() -> (Waiting<u64, u64>, Answer) {
        let (done, answer) = oneshot::channel();
        (Waiting { result: Arc::new(7), done }, answer)
    }

    fn gathering() -> Gathering<u64, u64> {
        Gathering::new(Kind::Delivery, 128)
    }

    #[test]
    fn one_writes_and_the_others_gather() {
        let results = gathering();
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
        let results = gathering();
        let (first, _answer) = waiting();
        results.add(&owner(), first);
        let (second, mut answer) = waiting();
        results.add(&owner(), second);
        results.give_up(&owner());
        assert!(answer.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        assert!(results.add(&owner(), waiting().0));
    }

    #[tokio::test]
    async fn each_is_answered_with_what_became_of_it() {
        let results = gathering();
        let write = |_: Owner, some: Vec<Arc<u64>>| async move { some.iter().map(|one| Ok(**one * 2)).collect() };
        let all = (0..300).map(|n| results.write(owner(), Arc::new(n), write));
        let written = futures_util::future::join_all(all).await;
        let doubled: Vec<_> = written.into_iter().map(Result::unwrap).collect();
        assert_eq!(doubled, (0..300).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_writer_that_dies_leaves_nobody_waiting() {
        let results = gathering();
        let write = |_: Owner, _: Vec<Arc<u64>>| async { panic!("on purpose") };
        let all = (0..3).map(|n| results.write(owner(), Arc::new(n), write));
        assert!(futures_util::future::join_all(all).await.iter().all(Result::is_err));
    }
}
