//! Tries that tell nobody anything, settled together: those of one partner's world, in one transaction, each by its own decision.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{Now, Time};
use model::domain::Domain;
use model::id::{DomainId, RunId, TaskId};
use model::run::{Next, Run};
use store::{Db, Failure, Halt, Kind, Locks, StoreError, Tx, domains, on_behalf_of, runs, tasks};
use tokio::sync::oneshot;

use super::decide::decide;
use super::settling::{Waiting, Written};
use super::{Settlement, Settling, enough, move_task, steps};
use crate::claim::LEASE;
use crate::gathering::Owner;
use crate::parts::Parts;

/// Settles a try with those of its partner's world that wait as it does; `None` when it has to be settled alone.
///
/// As long as none is being written each asks for a connection of its own, as it would alone, so that none comes later than it would have. The
/// first that gets one settles all.
pub(super) async fn settle(parts: &Arc<Parts>, one: Arc<Settling>) -> Written {
    let owner = (one.seen.run.partner.clone(), one.seen.run.world.clone());
    let (done, answer) = oneshot::channel();
    if parts.results.steps.add(&owner, Waiting { one, done }) == steps::Todo::Ask {
        // A task of its own: whoever began it may be given up, and the others wait for it too.
        tokio::spawn(ask(parts.clone(), owner));
    }
    answer.await.unwrap_or(Ok(None))
}

/// Asks for connections until none waits that somebody has to ask for.
async fn ask(parts: Arc<Parts>, owner: Owner) {
    let (partner, world) = &owner;
    let mut next = steps::Todo::Ask;
    while next == steps::Todo::Ask {
        let writing = write(&parts, &owner);
        next = on_behalf_of(Kind::Settlement, Some((partner, world.environment())), writing).await;
    }
}

/// Settles those that wait, and tells each what became of it. Where they cannot be written together each is settled alone, so that none is
/// in another's way.
async fn write(parts: &Arc<Parts>, owner: &Owner) -> steps::Todo {
    let taken = Arc::new(Taken {
        parts: parts.clone(),
        owner: owner.clone(),
        some: OnceLock::new(),
        done: Mutex::default(),
        has_run: AtomicBool::new(false),
        has_ended: AtomicBool::new(false),
    });
    let shared = taken.clone();
    let writing = parts.store.settle(move |tx| {
        let taken = shared.clone();
        async move {
            // Something is in the way of one: it keeps none of the others waiting.
            if taken.has_run.swap(true, Ordering::Relaxed) {
                return Err(Halt::Lost);
            }
            write_in(tx, &taken.parts, &taken.owner, taken.some()).boxed().await
        }
        .boxed()
    });
    match writing.await {
        Ok(written) => taken.tell(written.into_iter().map(|one| one.ok_or(Failure::Lost))),
        Err(failure) => {
            tracing::debug!(%failure, "steps could not be settled together; each is settled alone");
            taken.tell(std::iter::repeat_with(|| Ok(None)));
            if taken.is_empty() {
                give_up(parts, owner);
            }
        }
    }
    taken.end()
}

/// Those that a transaction has taken. Where it has to begin again, for a lock that somebody holds or a row that has changed, each is settled
/// alone.
struct Taken {
    parts: Arc<Parts>,
    owner: Owner,
    some: OnceLock<Vec<Arc<Settling>>>,
    done: Mutex<Vec<oneshot::Sender<Written>>>,
    has_run: AtomicBool,
    has_ended: AtomicBool,
}

impl Drop for Taken {
    fn drop(&mut self) {
        // Whoever wrote has died: those that wait for it would wait for ever.
        if self.end() == steps::Todo::Ask {
            give_up(&self.parts, &self.owner);
        }
    }
}

/// Those that wait are settled alone: nobody asks for them any more.
fn give_up(parts: &Parts, owner: &Owner) {
    let waiting = parts.results.steps.give_up(owner);
    waiting.into_iter().for_each(|one| drop(one.done.send(Ok(None))));
}

impl Taken {
    fn some(&self) -> &[Arc<Settling>] {
        self.some.get_or_init(|| {
            let taken = self.parts.results.steps.take(&self.owner);
            let (some, done) = taken.into_iter().map(|one| (one.one, one.done)).unzip();
            *self.done.lock().unwrap_or_else(PoisonError::into_inner) = done;
            some
        })
    }

    fn is_empty(&self) -> bool {
        self.some.get().is_none_or(Vec::is_empty)
    }

    /// The transaction has ended; answers whether somebody has to ask for those that wait.
    fn end(&self) -> steps::Todo {
        match self.is_empty() || self.has_ended.swap(true, Ordering::Relaxed) {
            true => steps::Todo::Wait,
            false => self.parts.results.steps.written(&self.owner),
        }
    }

    /// In their order.
    fn tell(&self, written: impl Iterator<Item = Written>) {
        let done = std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner));
        for (done, written) in done.into_iter().zip(written) {
            // Whoever asked may have been given up.
            let _ = done.send(written);
        }
    }
}

/// What becomes of each; `None` for those that are somebody else's, `Some(None)` for those that have to be settled alone.
async fn write_in(
    tx: &mut Tx,
    parts: &Parts,
    (partner, world): &Owner,
    some: &[Arc<Settling>],
) -> Result<Vec<Option<Option<Settlement>>>, Halt> {
    if some.is_empty() {
        return Ok(vec![]);
    }
    let leased: Vec<_> = some.iter().map(|one| (one.task.clone(), one.lease.clone())).collect();
    let (held, mine) = Locks::new(tx).tasks(&leased).await?;
    let (mut tx, offset) = held.clock(partner, world).await?;
    let facts = Facts::gather(&mut tx, some.iter().filter(|one| mine.contains(&one.task))).await?;
    let now = Now { server: parts.clock.now(), offset };
    let (mut written, mut moves, mut change) = (vec![], Moves::default(), Change::default());
    let mut touched = HashSet::new();
    for one in some {
        if !mine.contains(&one.task) {
            written.push(None);
            continue;
        }
        // Two that write the same domain do so one after the other.
        let decided = match facts.of(one).filter(|(_, domain)| touched.insert(&domain.id)) {
            Some(facts) => decide(&mut tx, parts, one, facts, (None, now)).await?,
            None => None,
        };
        written.push(Some(decided.map(|decided| {
            change.append(decided.change);
            moves.add(one, decided.next, decided.settlement)
        })));
    }
    tx.apply(change, &parts.ids, now.server).await?;
    moves.write(&mut tx, now.server).await?;
    Ok(written)
}

/// Runs and domains as they stand, but for those that somebody holds: nobody waits for them here.
struct Facts {
    runs: HashMap<RunId, Run>,
    domains: HashMap<DomainId, Domain>,
}

impl Facts {
    async fn gather<'a>(db: &mut Db, ours: impl Iterator<Item = &'a Arc<Settling>>) -> Result<Self, StoreError> {
        let (known_runs, known_domains): (Vec<_>, Vec<_>) = ours.map(|one| (&one.seen.run, &one.domain)).unzip();
        let runs = runs::all_free(db, &known_runs).await?;
        let domains = domains::all_free(db, &known_domains).await?;
        Ok(Self {
            runs: runs.into_iter().map(|run| (run.id.clone(), run)).collect(),
            domains: domains.into_iter().map(|domain| (domain.id.clone(), domain)).collect(),
        })
    }

    /// Those of a try whose run still stands where it was made.
    fn of(&self, one: &Settling) -> Option<(&Run, &Domain)> {
        let run = self.runs.get(&one.seen.run.id).filter(|run| one.is_about(run))?;
        Some((run, self.domains.get(&one.domain.id)?))
    }
}

/// What becomes of the tasks.
#[derive(Default)]
struct Moves<'a> {
    /// Those whose runs go on at once.
    go_on: Vec<TaskId>,
    others: Vec<(&'a Settling, Next)>,
}

impl<'a> Moves<'a> {
    /// One more; answers its settlement, with when its task is due.
    fn add(&mut self, one: &'a Settling, next: Next, settlement: Settlement) -> Settlement {
        match next {
            Next::Go if settlement.next.is_some() => self.go_on.push(one.task.clone()),
            next => self.others.push((one, next)),
        }
        let due_at = if let Next::At(due) = next { Some(due) } else { None };
        Settlement { due_at, ..settlement }
    }

    async fn write(self, tx: &mut Tx, now: Time) -> Result<(), Halt> {
        tasks::prolong_all(tx, &self.go_on, enough(now), now.plus(LEASE)).await?;
        for (one, next) in self.others {
            move_task(tx, one, next, false, now).await?;
        }
        Ok(())
    }
}
