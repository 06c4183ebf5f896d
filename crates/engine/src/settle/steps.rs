//! Steps that wait to be settled together: whoever gets a connection first takes all that wait, its own among them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::gathering::Owner;

/// So many are settled together at most.
const TOGETHER: usize = 32;

/// What waits of each owner, each with whoever is told what became of it.
pub(crate) struct Steps<T>(Mutex<HashMap<Owner, Queue<T>>>);

struct Queue<T> {
    waiting: Vec<T>,
    /// Transactions that are writing some.
    writing: usize,
}

/// What one that has come is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Todo {
    /// To ask for a connection: nobody writes.
    Ask,
    /// To wait for those that are being written: one of those that wait asks then.
    Wait,
}

impl<T> Default for Steps<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Steps<T> {
    /// One more waits.
    pub(super) fn add(&self, owner: &Owner, one: T) -> Todo {
        let mut all = self.lock();
        let queue = all.entry(owner.clone()).or_insert_with(|| Queue { waiting: vec![], writing: 0 });
        queue.waiting.push(one);
        if queue.writing == 0 { Todo::Ask } else { Todo::Wait }
    }

    /// Those that wait the longest, for a transaction that has begun. It says so by [`Self::written`] when it has ended, if there are any.
    pub(super) fn take(&self, owner: &Owner) -> Vec<T> {
        let mut all = self.lock();
        let Some(queue) = all.get_mut(owner) else { return vec![] };
        let taken: Vec<_> = queue.waiting.drain(..queue.waiting.len().min(TOGETHER)).collect();
        queue.writing += usize::from(!taken.is_empty());
        taken
    }

    /// A transaction has ended that has taken some; answers whether somebody has to ask for those that wait.
    pub(super) fn written(&self, owner: &Owner) -> Todo {
        let mut all = self.lock();
        let Some(queue) = all.get_mut(owner) else { return Todo::Wait };
        queue.writing = queue.writing.saturating_sub(1);
        match (queue.writing, queue.waiting.is_empty()) {
            (0, true) => {
                all.remove(owner);
                Todo::Wait
            }
            (0, false) => Todo::Ask,
            _ => Todo::Wait,
        }
    }

    /// All that wait: whoever asked for a connection has got none.
    pub(super) fn give_up(&self, owner: &Owner) -> Vec<T> {
        let mut all = self.lock();
        let Some(queue) = all.get_mut(owner) else { return vec![] };
        let waiting = std::mem::take(&mut queue.waiting);
        if queue.writing == 0 {
            all.remove(owner);
        }
        waiting
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, Queue<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use model::id::{Id as _, PartnerId};
    use model::world::World;

    use super::*;

    fn owner(name: &str) -> Owner {
        (PartnerId::opaque(name), World::live())
    }

    #[test]
    fn whoever_comes_while_some_are_written_waits_and_one_asks_for_all() {
        let (steps, own) = (Steps::default(), owner("org_1"));
        assert_eq!((steps.add(&own, 1), steps.add(&own, 2)), (Todo::Ask, Todo::Ask), "nobody writes yet");
        assert_eq!(steps.take(&own), [1, 2]);
        assert!(steps.take(&own).is_empty(), "the second one finds nothing to do");
        assert_eq!((steps.add(&own, 3), steps.add(&own, 4)), (Todo::Wait, Todo::Wait));
        assert_eq!(steps.add(&owner("org_2"), 9), Todo::Ask, "somebody else's do not wait for them");
        assert_eq!(steps.written(&own), Todo::Ask);
        assert_eq!(steps.take(&own), [3, 4]);
        assert_eq!(steps.written(&own), Todo::Wait);
        assert_eq!(steps.add(&own, 5), Todo::Ask, "nobody writes any more");
    }

    #[test]
    fn none_is_left_behind() {
        let (steps, own) = (Steps::default(), owner("org_1"));
        for n in 0..70 {
            steps.add(&own, n);
        }
        assert_eq!(steps.take(&own).len(), 32);
        assert_eq!(steps.take(&own).len(), 32, "two may write at once");
        assert_eq!((steps.written(&own), steps.written(&own)), (Todo::Wait, Todo::Ask));
        assert_eq!(steps.give_up(&own), (64..70).collect::<Vec<_>>());
        assert!(steps.give_up(&own).is_empty());
        assert_eq!(steps.add(&own, 7), Todo::Ask);
    }
}
