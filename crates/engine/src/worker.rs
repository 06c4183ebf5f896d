//! The loops that keep the lanes moving, and how they stop.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::Time;
use model::task::{Lane, Task};
use store::{Backend, Failure, Kind, StoreError, on_behalf_of, tasks};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::claim::{Claimed, claim};
use crate::deliver::{Found, gather};
use crate::flight::{Budget, Flight};
use crate::pace::Answered;
use crate::parts::Parts;
use crate::{deliver, runner, timer};

/// How long a lane rests at most before it looks again: what a lost nudge costs.
const REST: Duration = Duration::from_secs(1);

/// How long running work may take to finish when the process is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// The same for deliveries: a receiver that has not answered by then is told again, with the same event id, by whoever
/// works next.
const DELIVERY_DRAIN: Duration = Duration::from_secs(2);

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
        self.parts.store.settle(move |tx| tasks::void_leases(tx, now).boxed()).await
    }

    /// Works until told to stop, then lets running steps end and gives back the rest.
    pub async fn run(&self) -> Stopped {
        let ends = Lane::ALL.map(|lane| self.lane(lane, self.budget(lane)));
        let ends = futures_util::future::join_all(ends).await;
        if ends.contains(&Stopped::CutOff) { Stopped::CutOff } else { Stopped::Drained }
    }

    /// Claims what is due in a lane now and works it off; answers how many tasks that were. For tests
    /// and for draining.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn work_due(&self, lane: Lane) -> Result<usize, StoreError> {
        let claimed = self.claim(lane, &Flight::default(), &self.budget(lane)).await?;
        let work =
            self.found(claimed.tasks).await.into_iter().map(|(task, found)| work(self.parts.clone(), task, found));
        Ok(futures_util::future::join_all(work).await.len())
    }

    fn budget(&self, lane: Lane) -> Budget {
        let settings = &self.parts.settings;
        let total = if lane == Lane::Delivery { settings.deliveries } else { settings.steps };
        Budget::of(lane, total, self.parts.providers.has_live())
    }

    async fn claim(&self, lane: Lane, flight: &Flight, budget: &Budget) -> Result<Claimed, StoreError> {
        claim(&self.parts.store, lane, flight, budget, self.parts.clock.now(), self.parts.ids.next()).await
    }

    async fn lane(&self, lane: Lane, budget: Budget) -> Stopped {
        let (mut flight, mut running) = (Flight::default(), JoinSet::new());
        let (mut look, mut more, mut look_at) = (true, false, Instant::now());
        let stop = &self.parts.stop;
        // Armed before every look, and anew only when it has fired: no nudge falls between two waits.
        let nudged = self.parts.wake.notified();
        tokio::pin!(nudged);
        nudged.as_mut().enable();
        while !stop.is_cancelled() {
            if look {
                let claimed = self.claim_or_log(lane, &flight, &budget).await;
                more = claimed.more;
                let again = more && !claimed.tasks.is_empty();
                for (task, found) in self.found(claimed.tasks).await {
                    flight.add(&task);
                    running.spawn(work(self.parts.clone(), task, found));
                }
                if again {
                    continue;
                }
                look_at = Instant::now() + REST;
            }
            look = tokio::select! {
                biased;
                () = stop.cancelled() => false,
                // Before the nudges: however many there are, what has ended makes room.
                Some(Ok(ended)) = running.join_next() => {
                    let others = std::iter::from_fn(|| running.try_join_next()).flatten();
                    for ended in std::iter::once(ended).chain(others) {
                        flight.remove(&ended.task, ended.answered, &budget);
                        look_at = look_at.min(self.instant(ended.due_at));
                    }
                    more
                },
                () = nudged.as_mut() => {
                    nudged.set(self.parts.wake.notified());
                    nudged.as_mut().enable();
                    true
                },
                () = tokio::time::sleep_until(look_at) => true,
            };
        }
        self.drain(lane, flight, running).await
    }

    async fn claim_or_log(&self, lane: Lane, flight: &Flight, budget: &Budget) -> Claimed {
        self.claim(lane, flight, budget).await.unwrap_or_else(|error| {
            tracing::error!(lane = lane.as_str(), %error, "due tasks could not be claimed");
            Claimed::default()
        })
    }

    /// What was claimed, with what was read for all of it at once.
    async fn found(&self, tasks: Vec<Task>) -> Vec<(Task, Option<Found>)> {
        let (deliveries, others): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| task.lane == Lane::Delivery);
        let found = match deliveries.is_empty() {
            true => vec![],
            false => gather(&self.parts, &deliveries).await,
        };
        let others = others.into_iter().map(|task| (task, None));
        deliveries.into_iter().zip(found.into_iter().map(Some)).chain(others).collect()
    }

    /// When a server time comes, at most [`REST`] away.
    fn instant(&self, due_at: Option<Time>) -> Instant {
        let micros = due_at.map_or(i64::MAX, |due| due.0 - self.parts.clock.now().0);
        Instant::now() + Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(REST)
    }

    async fn drain(&self, lane: Lane, mut flight: Flight, mut running: JoinSet<Ended>) -> Stopped {
        let ending = async {
            while let Some(ended) = running.join_next().await {
                if let Ok(ended) = ended {
                    flight.remove(&ended.task, None, &self.budget(lane));
                }
            }
        };
        let patience = if lane == Lane::Delivery { DELIVERY_DRAIN } else { DRAIN };
        if tokio::time::timeout(patience, ending).await.is_ok() {
            return Stopped::Drained;
        }
        running.abort_all();
        let (held, now) = (flight.leases(), self.parts.clock.now());
        let released = self.parts.store.settle(move |tx| {
            let held = held.clone();
            async move { tasks::release(tx, &held, now).await }.boxed()
        });
        if let Err(failure) = released.await {
            tracing::warn!(%failure, "leases could not be given back; they run out by themselves");
        }
        Stopped::CutOff
    }
}

/// A task whose work has ended for now.
struct Ended {
    task: Task,
    /// When this process should look at it again, server time.
    due_at: Option<Time>,
    /// How an endpoint took it, when one was asked.
    answered: Option<Answered>,
}

/// Works on one task and never panics: the flight must learn that it ended.
async fn work(parts: Arc<Parts>, task: Task, found: Option<Found>) -> Ended {
    let kind = match task.lane {
        Lane::Step => Kind::Settlement,
        Lane::Timer => Kind::Timer,
        Lane::Delivery => Kind::Delivery,
    };
    let working = async {
        match task.lane {
            Lane::Step => (runner::work(&parts, &task).await, None),
            Lane::Timer => (timer::work(&parts, &task).await, None),
            Lane::Delivery => (None, deliver::work(&parts, &task, found.unwrap_or(Found::Unknown)).await),
        }
    };
    let working = on_behalf_of(kind, Some((&task.partner, task.world.environment())), working);
    let (due_at, answered) = AssertUnwindSafe(working).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(task = %task.id, "work on a task panicked; it is due again when its lease ends");
        (None, None)
    });
    Ended { task, due_at, answered }
}
