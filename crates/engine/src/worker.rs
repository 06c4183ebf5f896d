//! What works off what is due.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::clock::MINUTE;
use model::task::Lane;
use store::{Backend, Failure, StoreError, tasks};
use tokio::task::JoinSet;

use crate::claim::{LEASE, Plan};
use crate::due::Due;
use crate::flight::{Budget, Flight};
use crate::lane::{Moving, work_off};
use crate::parts::Parts;

/// How far a dead process's clock may have been ahead of ours at a start, in microseconds: what it held beyond that waits for its time.
const CLOCK: i64 = 10 * MINUTE;

/// How the engine stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything that was running ended.
    Drained,
    /// Some work was cut off; its leases were given back.
    CutOff,
}

/// Works off what is due.
#[derive(Clone)]
pub struct Engine {
    parts: Arc<Parts>,
}

impl Engine {
    /// An engine that does nothing yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Makes what a dead process left leased due at once. Only where one process at a time may work:
    /// on SQLite, whose lock file keeps others off.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn recover(&self) -> Result<u64, Failure> {
        if self.parts.store.backend() == Backend::Postgres {
            return Ok(0);
        }
        let now = self.parts.clock.now();
        let voiding = self.parts.store.settle(move |tx| {
            async move {
                let mut voided = 0;
                for lane in Lane::ALL {
                    voided += tasks::void_leases(tx, *lane, (now, now.plus(LEASE + CLOCK))).await?;
                }
                Ok(voided)
            }
            .boxed()
        });
        voiding.await
    }

    /// Works until told to stop, then lets running steps end and gives back the rest.
    pub async fn run(&self) -> Stopped {
        // Each a task of its own: none waits for another's turn. They end with this one.
        let mut lanes = JoinSet::new();
        for lane in Lane::ALL {
            lanes.spawn(Moving::new(self.parts.clone(), *lane, self.budget(*lane)).run());
        }
        let ends = lanes.join_all().await;
        if ends.contains(&Stopped::CutOff) { Stopped::CutOff } else { Stopped::Drained }
    }

    /// Claims what is due in a lane now and works it off; answers how many tasks that were. For tests
    /// and for draining.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn work_due(&self, lane: Lane) -> Result<usize, StoreError> {
        let Parts { store, clock, ids, .. } = &*self.parts;
        let (flight, budget) = (Flight::default(), self.budget(lane));
        let plan = Plan::make(store, lane, &mut Due::default(), (&flight, &budget), clock.now()).await?;
        let claimed = plan.claim(store, lane, clock.now(), ids.next()).await?;
        Ok(work_off(&self.parts, claimed.tasks).await)
    }

    fn budget(&self, lane: Lane) -> Budget {
        let settings = &self.parts.settings;
        let total = if lane == Lane::Delivery { settings.deliveries } else { settings.steps };
        Budget::of(lane, total, self.parts.providers.has_live())
    }
}
