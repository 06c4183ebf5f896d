//! The one way to write. Decisions run inside, so that they see what they change.
//!
//! On SQLite one task owns the one writing connection: it runs the closures that wait, each in a
//! savepoint, and commits them together, so that a busy server pays for one sync and not for each
//! request. On PostgreSQL every write is a transaction of its own. Either way a closure that meets a
//! clash is run again on fresh facts, and nobody is answered before the commit.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::db::Tx;
use crate::error::{Failure, Halt, StoreError};

/// How often a closure may run before contention is reported.
const RUNS: usize = 6;
/// How many closures are committed together at most.
const GROUP: usize = 64;

type Answer = Box<dyn Any + Send>;

/// A closure with its type erased.
pub(crate) type Work = Arc<dyn for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<Answer, Halt>> + Send + Sync>;

pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) reply: oneshot::Sender<Result<Answer, Failure>>,
}

/// The two queues in front of the SQLite writer.
#[derive(Clone)]
pub(crate) struct Queues {
    pub(crate) requests: mpsc::UnboundedSender<Job>,
    pub(crate) settlements: mpsc::UnboundedSender<Job>,
}

struct Waiting {
    requests: mpsc::UnboundedReceiver<Job>,
    settlements: mpsc::UnboundedReceiver<Job>,
}

/// Starts the writer on its connection; it ends when every store handle is gone, or when it is told to let go of
/// the database. Whatever still waits then is told that the store is closed.
pub(crate) fn start(mut tx: Tx, closing: Arc<Notify>) -> (Queues, JoinHandle<()>) {
    let (requests, request_jobs) = mpsc::unbounded_channel();
    let (settlements, settlement_jobs) = mpsc::unbounded_channel();
    let waiting = Waiting { requests: request_jobs, settlements: settlement_jobs };
    let writer = tokio::spawn(async move {
        tokio::select! {
            () = serve(&mut tx, waiting) => {}
            () = closing.notified() => {}
        }
        tx.close().await;
    });
    (Queues { requests, settlements }, writer)
}

async fn serve(tx: &mut Tx, mut waiting: Waiting) {
    while let Some(first) = waiting.next().await {
        commit_group(tx, first, &mut waiting).await;
    }
}

impl Waiting {
    /// The next job, requests first; `None` when nobody can send any more.
    async fn next(&mut self) -> Option<Job> {
        tokio::select! {
            biased;
            Some(job) = self.requests.recv() => Some(job),
            Some(job) = self.settlements.recv() => Some(job),
            else => None,
        }
    }

    /// A job that is already here. Every fourth place is a settlement's, so that a flood of requests
    /// cannot stop the orders that are under way.
    fn ready(&mut self, place: usize) -> Option<Job> {
        let settlement = (place % 4 == 3).then(|| self.settlements.try_recv().ok()).flatten();
        settlement.or_else(|| self.requests.try_recv().ok()).or_else(|| self.settlements.try_recv().ok())
    }
}

async fn commit_group(tx: &mut Tx, first: Job, waiting: &mut Waiting) {
    if let Err(error) = tx.begin_group().await {
        return answer(first, Err(error.into()));
    }
    let mut done = vec![];
    let (mut next, mut sound) = (Some(first), Ok(()));
    while let Some(job) = next {
        match in_savepoint(tx, &job.work).await {
            Ok(result) => done.push((job, result)),
            Err(error) => {
                tracing::error!(%error, "a savepoint could not be left; its whole group is rolled back");
                sound = Err(error);
                done.push((job, Err(StoreError::NotCommitted.into())));
            }
        }
        next = if sound.is_ok() && done.len() < GROUP { waiting.ready(done.len()) } else { None };
    }
    let why_not = end(tx, sound, done.len()).await;
    for (job, result) in done {
        let failed = why_not.as_ref().map(|is_full| if *is_full { StoreError::Full } else { StoreError::NotCommitted });
        answer(job, failed.map_or(result, |error| Err(error.into())));
    }
}

/// Commits a group that is sound; answers `None` when it is written, and otherwise whether the disk is full.
async fn end(tx: &mut Tx, sound: Result<(), StoreError>, writes: usize) -> Option<bool> {
    let committed = match sound {
        Ok(()) => tx.commit_group().await,
        unsound => unsound,
    };
    if let Err(error) = &committed {
        tracing::error!(%error, writes, "a group of writes could not be committed");
        // The database may have rolled back by itself.
        let _ = tx.control("ROLLBACK").await;
    }
    committed.err().map(|error| error.is_full())
}

fn answer(job: Job, result: Result<Answer, Failure>) {
    // Whoever asked may have gone away; the write stands all the same.
    let _ = job.reply.send(result);
}

/// The outer error means that the savepoint could not be left cleanly: what stands in the transaction
/// is not known, and nothing of it may be committed.
async fn in_savepoint(tx: &mut Tx, work: &Work) -> Result<Result<Answer, Failure>, StoreError> {
    for _ in 0..RUNS {
        tx.control("SAVEPOINT job").await?;
        match guarded(tx, work).await {
            Ok(value) => {
                tx.control("RELEASE job").await?;
                return Ok(Ok(value));
            }
            Err(halt) => {
                if let Err(error) = leave(tx).await {
                    // A full disk ends the whole transaction: that is the reason, and not that it was ended.
                    return Err(if let Halt::Broken(cause) = halt { cause } else { error });
                }
                if let Some(failure) = final_failure(halt) {
                    return Ok(Err(failure));
                }
            }
        }
    }
    Ok(Err(StoreError::Contention.into()))
}

/// Takes back what a closure has done.
async fn leave(tx: &mut Tx) -> Result<(), StoreError> {
    tx.control("ROLLBACK TO job").await?;
    tx.control("RELEASE job").await
}

/// Runs a closure in a transaction of its own: PostgreSQL's way.
pub(crate) async fn in_transaction(tx: &mut Tx, work: &Work) -> Result<Answer, Failure> {
    for _ in 0..RUNS {
        match one_transaction(tx, work).await {
            Ok(value) => return Ok(value),
            Err(halt) => {
                if let Some(failure) = final_failure(halt) {
                    return Err(failure);
                }
            }
        }
    }
    Err(StoreError::Contention.into())
}

async fn one_transaction(tx: &mut Tx, work: &Work) -> Result<Answer, Halt> {
    let begin = tx.backend().begin();
    tx.control(begin).await?;
    let result = guarded(tx, work).await;
    let ended = tx.control(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
    if ended.is_err() || matches!(result, Err(Halt::Broken(StoreError::Panicked))) {
        tx.discard();
    }
    let value = result?;
    ended.map_err(Halt::from)?;
    Ok(value)
}

async fn guarded(tx: &mut Tx, work: &Work) -> Result<Answer, Halt> {
    match AssertUnwindSafe(async { work(tx).await }).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(Halt::Broken(StoreError::Panicked)),
    }
}

fn final_failure(halt: Halt) -> Option<Failure> {
    match halt {
        Halt::Clash => None,
        Halt::Refused(refusal) => Some(Failure::Refused(refusal)),
        Halt::Lost => Some(Failure::Lost),
        Halt::Broken(error) => Some(Failure::Broken(error)),
    }
}
