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

/// How long a write waits for a lock among those that have no lock in their way.
const QUICK: Duration = Duration::from_millis(200);

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
        Self {
            doors: [1, 2, 1, 2].map(|times| Semaphore::new(times * quick.saturating_sub(1).max(1))),
            quick: Semaphore::new(quick),
            settling: Semaphore::new(quick.saturating_sub(1).max(1)),
            testing: Semaphore::new(quick.saturating_sub(1).max(1)),
            patient: (patient > 0).then(|| Semaphore::new(patient)),
            wait,
        }
    }
}

impl Lanes {
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
    let _door = place(lanes.door(share), deadline, share.kind).await?;
    let _test = match share.is_live {
        true => None,
        false => Some(place(&lanes.testing, deadline, share.kind).await?),
    };
    let _turn = match share.kind {
        Kind::Request => None,
        inside => Some(place(&lanes.settling, deadline, inside).await?),
    };
    let _place = place(&lanes.quick, deadline, share.kind).await?;
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
