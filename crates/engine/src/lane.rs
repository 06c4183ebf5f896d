//! The loop that keeps a lane moving, and how it stops.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::Time;
use model::id::{LeaseId, TaskId};
use model::task::{Lane, Task};
use store::{Kind, StoreError, on_behalf_of, tasks};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::claim::{Claimed, Plan};
use crate::deliver::{self, Outbox, Outcome, Ready, gather};
use crate::due::Due;
use crate::flight::{Budget, Flight};
use crate::pace::{Answered, Health};
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
    /// Whether something is being claimed; what ends meanwhile is not kept waiting.
    claiming: bool,
    /// Whether there was a reason to look again meanwhile.
    look_again: bool,
    /// What was claimed too late to be worked on.
    unwanted: Vec<Task>,
    look_at: Instant,
}

/// A piece of work that has ended.
enum Ended {
    /// Tasks are claimed, and what is to be sent is gathered.
    Claimed(Claimed, Vec<Ready>),
    /// Tasks that were not begun are somebody else's.
    GivenBack,
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
            claiming: false,
            look_again: false,
            unwanted: vec![],
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
            if look {
                self.look().await;
            }
            look = tokio::select! {
                biased;
                () = parts.stop.cancelled() => false,
                // Before the nudges: however many there are, what has ended makes room.
                Some(ended) = self.running.join_next() => ended.is_ok_and(|ended| self.ended(ended)),
                () = nudged.as_mut() => {
                    nudged.set(parts.wake.woken());
                    nudged.as_mut().enable();
                    true
                },
                // Whoever is claiming looks again by itself: a time that has come would not let go.
                () = tokio::time::sleep_until(self.look_at), if !self.claiming => true,
            };
        }
        self.drain().await
    }

    /// Begins to claim what there is room for.
    async fn look(&mut self) {
        if self.claiming {
            self.look_again = true;
            return;
        }
        let Parts { store, clock, ids, .. } = &*self.parts;
        let (room, now) = ((&self.flight, &self.budget), clock.now());
        let plan = Plan::make(store, self.lane, &mut self.due, room, now).await.unwrap_or_else(|error| {
            tracing::error!(lane = self.lane.as_str(), %error, "what is due could not be looked for");
            Plan::default()
        });
        self.look_at = Instant::now() + REST;
        self.look_again = false;
        if plan.is_empty() {
            self.more = plan.nothing().more;
            return;
        }
        self.claiming = true;
        self.running.spawn(claim(self.parts.clone(), self.lane, plan, now, ids.next()));
    }

    /// Begins to work on what was claimed; answers whether there is more to be had at once.
    fn begin(&mut self, claimed: Claimed, found: Vec<Ready>) -> bool {
        self.claiming = false;
        self.more = claimed.more;
        self.due.used_up(&claimed.used_up);
        let again = claimed.more && (!claimed.tasks.is_empty() || !found.is_empty());
        let mut endpoints = vec![];
        for ready in found {
            self.flight.add(&ready.task);
            endpoints.push(ready.task.bucket.clone());
            self.outbox.put(ready);
        }
        endpoints.iter().for_each(|endpoint| self.send(endpoint));
        for task in claimed.tasks {
            self.flight.add(&task);
            self.running.spawn(work(self.parts.clone(), task));
        }
        again || self.look_again
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
        let mut looks = self.end(first);
        while let Some(Ok(ended)) = self.running.try_join_next() {
            looks |= self.end(ended);
        }
        looks
    }

    /// Whether more should be looked for.
    fn end(&mut self, ended: Ended) -> bool {
        match ended {
            Ended::Claimed(claimed, found) if self.parts.stop.is_cancelled() => {
                self.unwanted.extend(claimed.tasks.into_iter().chain(found.into_iter().map(|ready| ready.task)));
                false
            }
            Ended::Claimed(claimed, found) => self.begin(claimed, found),
            Ended::Sent(outcome, answered) => {
                let endpoint = outcome.task().bucket.clone();
                self.outbox.sent(&endpoint);
                if let Some(answered) = answered {
                    self.flight.learn(&endpoint, answered);
                }
                // What waits for an endpoint that has stopped answering waits for its turn among its like.
                if self.flight.health(self.lane, &endpoint) == Health::Ill {
                    let waiting = self.outbox.take(&endpoint);
                    self.hand_over(waiting);
                }
                self.send(&endpoint);
                self.running.spawn(settle(self.parts.clone(), outcome));
                self.more && self.outbox.is_low(&endpoint)
            }
            Ended::GivenBack => self.more,
            Ended::Done(task, due_at) => {
                self.flight.remove(&task);
                self.look_at = self.look_at.min(self.instant(due_at));
                self.more && (self.lane != Lane::Delivery || self.outbox.is_low(&task.bucket))
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
        unsent.iter().for_each(|task| self.flight.remove(task));
        self.unwanted.extend(unsent);
        self.give_back().await;
        let patience = if self.lane == Lane::Delivery { DELIVERY_DRAIN } else { DRAIN };
        let ending = async {
            while let Some(ended) = self.running.join_next().await {
                if let Ok(ended) = ended {
                    self.end(ended);
                }
            }
        };
        let stopped = tokio::time::timeout(patience, ending).await.map_or(Stopped::CutOff, |()| Stopped::Drained);
        self.give_back().await;
        if stopped == Stopped::CutOff {
            self.running.abort_all();
            self.release(self.flight.leases()).await;
        }
        stopped
    }

    /// Gives back what was claimed and not begun.
    async fn give_back(&mut self) {
        give_back(self.parts.clone(), std::mem::take(&mut self.unwanted)).await;
    }

    /// Gives back some of it while others are under way.
    fn hand_over(&mut self, tasks: Vec<Task>) {
        if !tasks.is_empty() {
            tasks.iter().for_each(|task| self.flight.remove(task));
            self.running.spawn(give_back(self.parts.clone(), tasks));
        }
    }

    async fn release(&self, held: Vec<(TaskId, String)>) {
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
    let found = found(parts, deliveries, Instant::now()).await.into_iter();
    let deliveries = found.map(|ready| {
        let parts = parts.clone();
        async move {
            if let Ended::Sent(outcome, _) = send(parts.clone(), ready).await {
                settle(parts, outcome).await;
            }
        }
        .boxed()
    });
    futures_util::future::join_all(others.chain(deliveries)).await.len()
}

/// Claims, and gathers what it takes to send what is to be sent. Never panics: the lane must learn that it has ended.
async fn claim(parts: Arc<Parts>, lane: Lane, plan: Plan, now: Time, lease: LeaseId) -> Ended {
    let began = Instant::now();
    let claiming = async {
        let claimed = plan.claim(&parts.store, lane, now, lease).await?;
        Ok::<_, StoreError>(match lane {
            Lane::Delivery => {
                let (tasks, claimed) = (claimed.tasks, Claimed { tasks: vec![], ..claimed });
                (claimed, found(&parts, tasks, began).await)
            }
            Lane::Step | Lane::Timer => (claimed, vec![]),
        })
    };
    let (claimed, found) = match AssertUnwindSafe(claiming).catch_unwind().await {
        Ok(Ok(claimed)) => claimed,
        Ok(Err(error)) => {
            tracing::error!(lane = lane.as_str(), %error, "due tasks could not be claimed");
            Default::default()
        }
        Err(_) => {
            tracing::error!(lane = lane.as_str(), "claiming panicked; what it took is due again when its lease ends");
            Default::default()
        }
    };
    Ended::Claimed(claimed, found)
}

/// What was claimed, with what was read for all of it at once.
async fn found(parts: &Parts, deliveries: Vec<Task>, claimed_at: Instant) -> Vec<Ready> {
    if deliveries.is_empty() {
        return vec![];
    }
    let found = gather(parts, &deliveries).await;
    let ready = |(task, found)| Ready { task, found, claimed_at };
    deliveries.into_iter().zip(found).map(ready).collect()
}

/// Gives tasks back that were not begun: no try is counted.
async fn give_back(parts: Arc<Parts>, tasks: Vec<Task>) -> Ended {
    if tasks.is_empty() {
        return Ended::GivenBack;
    }
    let (held, now) = (tasks.into_iter().map(|task| (task.id, task.lease.unwrap_or_default())), parts.clock.now());
    let held: Vec<_> = held.collect();
    let giving = parts.store.settle(move |tx| {
        let held = held.clone();
        async move { tasks::give_back(tx, &held, now).await }.boxed()
    });
    if let Err(failure) = giving.await {
        tracing::warn!(%failure, "tasks could not be given back; their leases run out by themselves");
    }
    Ended::GivenBack
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
