//! The loop that keeps a lane moving, and how it stops.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::Time;
use model::task::{Lane, Task};
use store::{Kind, on_behalf_of, tasks};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::claim::{Claimed, claim};
use crate::deliver::{self, Found, Outbox, Outcome, Ready, gather};
use crate::due::Due;
use crate::flight::{Budget, Flight};
use crate::pace::Answered;
use crate::parts::Parts;
use crate::worker::Stopped;
use crate::{runner, timer};

/// How long a lane rests at most before it looks again: what a lost nudge costs.
const REST: Duration = Duration::from_secs(1);

/// How long running work may take to finish when the process is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// The same for deliveries: a receiver that has not answered by then is told again, with the same event id, by whoever
/// works next.
const DELIVERY_DRAIN: Duration = Duration::from_secs(2);

/// One lane of one process.
pub(crate) struct Moving {
    parts: Arc<Parts>,
    lane: Lane,
    budget: Budget,
    due: Due,
    flight: Flight,
    outbox: Outbox,
    running: JoinSet<Ended>,
    /// Whether more was due than could be taken.
    more: bool,
    look_at: Instant,
}

/// A piece of work that has ended.
enum Ended {
    /// A delivery has been sent; what came of it is still to be written.
    Sent(Box<Outcome>, Option<Answered>),
    /// A task's work has ended for now; when this process should look at it again, server time.
    Done(Task, Option<Time>),
}

impl Moving {
    /// A lane that has taken nothing yet.
    pub(crate) fn new(parts: Arc<Parts>, lane: Lane, budget: Budget) -> Self {
        Self {
            parts,
            lane,
            budget,
            due: Due::default(),
            flight: Flight::default(),
            outbox: Outbox::default(),
            running: JoinSet::new(),
            more: false,
            look_at: Instant::now(),
        }
    }

    /// Works until told to stop, then lets running work end and gives back the rest.
    pub(crate) async fn run(mut self) -> Stopped {
        let (parts, mut look) = (self.parts.clone(), true);
        // Armed before every look, and anew only when it has fired: no nudge falls between two waits.
        let nudged = parts.wake.woken();
        tokio::pin!(nudged);
        nudged.as_mut().enable();
        while !parts.stop.is_cancelled() {
            if look && self.look().await {
                continue;
            }
            look = tokio::select! {
                biased;
                () = parts.stop.cancelled() => false,
                // Before the nudges: however many there are, what has ended makes room.
                Some(Ok(ended)) = self.running.join_next() => self.ended(ended),
                () = nudged.as_mut() => {
                    nudged.set(parts.wake.woken());
                    nudged.as_mut().enable();
                    true
                },
                () = tokio::time::sleep_until(self.look_at) => true,
            };
        }
        self.drain().await
    }

    /// Takes what there is room for, and answers whether there is more to be had at once.
    async fn look(&mut self) -> bool {
        let claimed = self.claim().await;
        self.more = claimed.more;
        let again = claimed.more && !claimed.tasks.is_empty();
        self.begin(claimed.tasks).await;
        self.look_at = Instant::now() + REST;
        again
    }

    async fn claim(&mut self) -> Claimed {
        let Parts { store, clock, ids, .. } = &*self.parts;
        let room = (&self.flight, &self.budget);
        let claimed = claim(store, self.lane, &mut self.due, room, clock.now(), ids.next()).await;
        claimed.unwrap_or_else(|error| {
            tracing::error!(lane = self.lane.as_str(), %error, "due tasks could not be claimed");
            Claimed::default()
        })
    }

    async fn begin(&mut self, tasks: Vec<Task>) {
        for task in &tasks {
            self.flight.add(task);
        }
        if self.lane == Lane::Delivery {
            let endpoints: Vec<_> = tasks.iter().map(|task| task.bucket.clone()).collect();
            for (task, found) in found(&self.parts, tasks).await {
                self.outbox.put(task, found);
            }
            endpoints.iter().for_each(|endpoint| self.send(endpoint));
        } else {
            for task in tasks {
                self.running.spawn(work(self.parts.clone(), task));
            }
        }
    }

    /// Sends as much to an endpoint as it may have on its way.
    fn send(&mut self, endpoint: &str) {
        let places = self.flight.pace(endpoint).places();
        while let Some(ready) = self.outbox.next(endpoint, places) {
            self.running.spawn(send(self.parts.clone(), ready));
        }
    }

    /// Makes room for what comes next; answers whether it should be looked for at once.
    fn ended(&mut self, first: Ended) -> bool {
        let mut is_low = self.end(first);
        while let Some(Ok(ended)) = self.running.try_join_next() {
            is_low |= self.end(ended);
        }
        self.more && is_low
    }

    /// Whether there is room for more like this.
    fn end(&mut self, ended: Ended) -> bool {
        match ended {
            Ended::Sent(outcome, answered) => {
                let endpoint = outcome.task().bucket.clone();
                self.outbox.sent(&endpoint);
                if let Some(answered) = answered {
                    self.flight.learn(&endpoint, answered);
                }
                self.send(&endpoint);
                self.running.spawn(settle(self.parts.clone(), outcome));
                false
            }
            Ended::Done(task, due_at) => {
                self.flight.remove(&task);
                self.look_at = self.look_at.min(self.instant(due_at));
                self.lane != Lane::Delivery || self.outbox.is_low(&task.bucket)
            }
        }
    }

    /// When a server time comes, at most [`REST`] away.
    fn instant(&self, due_at: Option<Time>) -> Instant {
        let micros = due_at.map_or(i64::MAX, |due| due.0 - self.parts.clock.now().0);
        Instant::now() + Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(REST)
    }

    async fn drain(mut self) -> Stopped {
        // What has not been sent is left to whoever works next, at once.
        let unsent = self.outbox.give_up();
        let leases = unsent.iter().map(|task| (task.id.clone(), task.lease.clone().unwrap_or_default())).collect();
        unsent.iter().for_each(|task| self.flight.remove(task));
        self.release(leases).await;
        let patience = if self.lane == Lane::Delivery { DELIVERY_DRAIN } else { DRAIN };
        let ending = async {
            while let Some(ended) = self.running.join_next().await {
                if let Ok(ended) = ended {
                    self.end(ended);
                }
            }
        };
        if tokio::time::timeout(patience, ending).await.is_ok() {
            return Stopped::Drained;
        }
        self.running.abort_all();
        self.release(self.flight.leases()).await;
        Stopped::CutOff
    }

    async fn release(&self, held: Vec<(model::id::TaskId, String)>) {
        if held.is_empty() {
            return;
        }
        let now = self.parts.clock.now();
        let released = self.parts.store.settle(move |tx| {
            let held = held.clone();
            async move { tasks::release(tx, &held, now).await }.boxed()
        });
        if let Err(failure) = released.await {
            tracing::warn!(%failure, "leases could not be given back; they run out by themselves");
        }
    }
}

/// Works on one task to its end, whatever lane it is in.
pub(crate) async fn work_off(parts: &Arc<Parts>, tasks: Vec<Task>) -> usize {
    let (deliveries, others): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| task.lane == Lane::Delivery);
    let others = others.into_iter().map(|task| work(parts.clone(), task).map(drop).boxed());
    let found = found(parts, deliveries).await.into_iter();
    let deliveries = found.map(|(task, found)| {
        let (parts, ready) = (parts.clone(), Ready { task, found, claimed_at: Instant::now() });
        async move {
            if let Ended::Sent(outcome, _) = send(parts.clone(), ready).await {
                settle(parts, outcome).await;
            }
        }
        .boxed()
    });
    futures_util::future::join_all(others.chain(deliveries)).await.len()
}

/// What was claimed, with what was read for all of it at once.
async fn found(parts: &Parts, deliveries: Vec<Task>) -> Vec<(Task, Found)> {
    if deliveries.is_empty() {
        return vec![];
    }
    let found = gather(parts, &deliveries).await;
    deliveries.into_iter().zip(found).collect()
}

/// Sends a delivery, and never panics: its place must become free.
async fn send(parts: Arc<Parts>, ready: Ready) -> Ended {
    let task = ready.task.clone();
    let sent = guarded(&task, Kind::Delivery, deliver::send(&parts, ready)).await;
    let (outcome, answered) = sent.unwrap_or_else(|| (Outcome::unable(task), None));
    Ended::Sent(Box::new(outcome), answered)
}

async fn settle(parts: Arc<Parts>, outcome: Box<Outcome>) -> Ended {
    let task = outcome.task().clone();
    guarded(&task, Kind::Delivery, deliver::settle(&parts, *outcome)).await;
    Ended::Done(task, None)
}

/// Works on a task that is no delivery.
async fn work(parts: Arc<Parts>, task: Task) -> Ended {
    let working = async {
        match task.lane {
            Lane::Timer => timer::work(&parts, &task).await,
            Lane::Step | Lane::Delivery => runner::work(&parts, &task).await,
        }
    };
    let kind = if task.lane == Lane::Timer { Kind::Timer } else { Kind::Settlement };
    let due_at = guarded(&task, kind, working).await.flatten();
    Ended::Done(task, due_at)
}

/// `None` when it panics: the flight must learn that it ended.
async fn guarded<T>(task: &Task, kind: Kind, working: impl Future<Output = T>) -> Option<T> {
    let working = on_behalf_of(kind, Some((&task.partner, task.world.environment())), working);
    let ended = AssertUnwindSafe(working).catch_unwind().await;
    if ended.is_err() {
        tracing::error!(task = %task.id, "work on a task panicked; it is due again when its lease ends");
    }
    ended.ok()
}
