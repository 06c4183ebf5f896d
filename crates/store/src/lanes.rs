//! Who may write on PostgreSQL, and how long: a share of the connections is always there to read, and those who wait for
//! somebody's lock wait apart from those who do not.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::db::Tx;
use crate::error::{Failure, StoreError};
use crate::open::Store;
use crate::share::{Kind, Share};
use crate::writer::{self, Answer, Work};

/// How long a write waits for a lock among those that have no lock in their way. All of a partner's steps that are under way may have to, one after the
/// other, before they wait apart.
const QUICK: Duration = Duration::from_millis(50);

/// The connections that may write at once.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// Few of each side stand at the lanes, so that however many wait of one, the next of the other is soon there: of work that nobody waits for
    /// twice as many as of requests, which are what makes it.
    doors: [Semaphore; 4],
    /// At most so many write at once.
    quick: Semaphore,
    /// All but one of them may be work that nobody waits for.
    settling: Semaphore,
    /// All but one of them may be work of sandboxes.
    testing: Semaphore,
    /// Those who wait for a lock for long; `None` where there are too few connections for a lane of their own.
    patient: Option<Semaphore>,
    /// How long a write is waited for in all.
    wait: Duration,
}

impl Lanes {
    /// Of so many connections at least a quarter is left to read with.
    pub(crate) fn of(connections: u32, wait: Duration) -> Self {
        let connections = connections as usize;
        let (reads, patient) = ((connections / 4).max(1), connections / 4);
        let quick = connections.saturating_sub(reads + patient).max(1);
        let most = quick.saturating_sub(1).max(1);
        Self {
            doors: [quick, 2 * quick, most, 2 * most].map(Semaphore::new),
            quick: Semaphore::new(quick),
            settling: Semaphore::new(most),
            testing: Semaphore::new(most),
            patient: (patient > 0).then(|| Semaphore::new(patient)),
            wait,
        }
    }

    /// Everything that a quick write has to have before it may take a connection.
    async fn places(&self, share: &Share, deadline: Instant) -> Result<[Option<SemaphorePermit<'_>>; 4], StoreError> {
        let Share { kind, is_live, .. } = *share;
        let door = place(self.door(share), deadline, kind).await?;
        let test = if is_live { None } else { Some(place(&self.testing, deadline, kind).await?) };
        let turn = if kind == Kind::Request { None } else { Some(place(&self.settling, deadline, kind).await?) };
        Ok([Some(door), test, turn, Some(place(&self.quick, deadline, kind).await?)])
    }

    /// Requests have one, and work that nobody waits for another, in the real world and in sandboxes.
    const fn door(&self, share: &Share) -> &Semaphore {
        let [real, real_inside, test, test_inside] = &self.doors;
        match (share.is_live, share.kind) {
            (true, Kind::Request) => real,
            (true, _) => real_inside,
            (false, Kind::Request) => test,
            (false, _) => test_inside,
        }
    }
}

/// Runs a closure in a transaction of its own. What meets a lock gives its connection back, and waits for the lock
/// where it keeps nobody from writing who has none in the way.
pub(crate) async fn write(store: &Store, lanes: &Lanes, share: &Share, work: &Work) -> Result<Answer, Failure> {
    let deadline = Instant::now() + lanes.wait;
    let quick = quickly(store, lanes, share, work, deadline).await;
    match quick {
        Err(Failure::Broken(error)) if error.waited_for_a_lock() => {
            let _place = match &lanes.patient {
                Some(patient) => place(patient, deadline, share.kind).await?,
                None => place(&lanes.quick, deadline, share.kind).await?,
            };
            once(store, share, work, lanes.wait).await
        }
        ended => ended,
    }
}

async fn quickly(
    store: &Store,
    lanes: &Lanes,
    share: &Share,
    work: &Work,
    deadline: Instant,
) -> Result<Answer, Failure> {
    let _places = lanes.places(share, deadline).await?;
    once(store, share, work, QUICK.min(lanes.wait)).await
}

async fn once(store: &Store, share: &Share, work: &Work, lock_wait: Duration) -> Result<Answer, Failure> {
    let mut tx = Tx { db: store.read().await? };
    writer::in_transaction(&mut tx, share, work, lock_wait).await
}

async fn place(lane: &Semaphore, deadline: Instant, kind: Kind) -> Result<SemaphorePermit<'_>, StoreError> {
    let place = match kind {
        Kind::Request => tokio::time::timeout_at(deadline, lane.acquire()).await.map_err(|_| StoreError::Busy)?,
        _ => lane.acquire().await,
    };
    place.map_err(|_| StoreError::Closed)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::future::join_all;
    use tokio::task::yield_now;

    use super::*;

    /// Where each write has a connection of its own, those that come late do not wait behind all that wait already.
    #[tokio::test]
    async fn neither_requests_nor_work_inside_wait_behind_all_of_the_other() {
        let deadline = Instant::now() + Duration::from_secs(600);
        for is_live in [true, false] {
            for (flood, other) in [(Kind::Settlement, Kind::Request), (Kind::Request, Kind::Settlement)] {
                let (lanes, had) = (Lanes::of(8, Duration::from_secs(600)), RefCell::new(vec![]));
                let write = async |kind| {
                    let share = Share { kind, is_live, partner: "org_1".into() };
                    let _places = lanes.places(&share, deadline).await.unwrap();
                    had.borrow_mut().push(kind);
                    yield_now().await;
                };
                join_all((0..100).map(|_| write(flood)).chain((0..3).map(|_| write(other)))).await;
                let last = had.borrow().iter().rposition(|kind| *kind == other).unwrap();
                assert!(last < 20, "{other:?} under a flood of {flood:?}: the third at turn {last}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_alone_may_have_all_connections_but_those_that_are_kept_for_others() {
        let lanes = Lanes::of(8, Duration::from_secs(600));
        for (kind, is_live, most) in [
            (Kind::Request, true, 4),
            (Kind::Request, false, 3),
            (Kind::Settlement, true, 3),
            (Kind::Settlement, false, 3),
        ] {
            let share = Share { kind, is_live, partner: String::new() };
            let mut had = vec![];
            while let Ok(Ok(places)) =
                tokio::time::timeout(Duration::ZERO, lanes.places(&share, Instant::now() + Duration::from_secs(600)))
                    .await
            {
                had.push(places);
            }
            assert_eq!(had.len(), most, "{kind:?} {is_live}");
        }
    }
}
