//! The one way to write. Decisions run inside, so that they see what they change.
//!
//! On SQLite one thread owns the one writing connection: it runs the closures that wait and commits them together
//! ([`crate::commit`]), so that a busy server pays for one sync and not for each request. Whose turn the next one is says
//! [`crate::fair`]; a group is bounded in number and time, so that nobody waits for a commit for long, and brought to the disk beside the writer
//! ([`crate::syncing`]). On PostgreSQL every write is a transaction of its own. Either way a
//! closure that meets a clash is run again on fresh facts, and nobody is answered before the commit.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tracing::instrument::WithSubscriber as _;
use tracing::{Instrument as _, Span};

use crate::checkpoint::{AGAIN, Checkpoints};
use crate::commit::{GROUP_TIME, Group};
use crate::db::Tx;
use crate::error::{Failure, Halt, StoreError};
use crate::fair::{FairQueue, Popped};
use crate::room::Pass;
use crate::share::Share;
use crate::syncing::Syncer;

/// How often a closure may run before contention is reported.
pub(crate) const RUNS: usize = 6;

pub(crate) type Answer = Box<dyn Any + Send>;

/// A closure with its type erased.
pub(crate) type Work = Arc<dyn for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<Answer, Halt>> + Send + Sync>;

pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) reply: oneshot::Sender<Result<Answer, Failure>>,
    /// The place that it takes while it waits; work inside needs none.
    pub(crate) pass: Option<Pass>,
    /// Whose it is: what its closure says in the log is said there.
    pub(crate) asked_in: Span,
}

/// Tells how much time has passed since some moment: what shares of the writer are measured by.
#[derive(Clone)]
pub struct Stopwatch(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Stopwatch {
    /// One that a test moves by hand.
    pub fn new(passed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(passed))
    }

    pub(crate) fn passed(&self) -> Duration {
        (self.0)()
    }
}

impl Default for Stopwatch {
    fn default() -> Self {
        let began = tokio::time::Instant::now();
        Self::new(move || began.elapsed())
    }
}

impl fmt::Debug for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stopwatch")
    }
}

/// The queue in front of the SQLite writer. The writer ends when this is dropped.
pub(crate) struct Queue(Arc<Waiting>);

impl Queue {
    /// Puts a job where its turn will come.
    pub(crate) fn send(&self, share: &Share, job: Job) -> Result<(), StoreError> {
        let put = self.0.jobs(|jobs| jobs.push(share, job));
        put.ok_or(StoreError::Closed)?;
        self.0.news.notify_one();
        Ok(())
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.0.jobs(|jobs| FairQueue::len(jobs)).unwrap_or(0)
    }

    /// Whether nobody writes any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.jobs(|_| ()).is_none()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // What is waiting is still written.
        self.0.ended.store(true, Ordering::Release);
        self.0.news.notify_one();
    }
}

pub(crate) struct Waiting {
    /// `None` when nobody writes any more.
    jobs: Mutex<Option<FairQueue<Job>>>,
    /// Whether nobody sends any more.
    ended: AtomicBool,
    news: Notify,
}

impl Waiting {
    pub(crate) fn jobs<T>(&self, look: impl FnOnce(&mut FairQueue<Job>) -> T) -> Option<T> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(look)
    }

    fn close(&self) {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Outside the lock: whoever waited learns that it is closed.
        drop(jobs);
    }

    /// Whether nobody sends any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Returns when another one may have come, or nobody sends any more.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// The job whose turn it is; `None` when nobody can send any more, or nobody syncs. Whoever's writes take long does not begin with one while others wait
    /// for the disk and their answers.
    async fn next(&self, syncer: &Syncer) -> Option<(Share, Job)> {
        loop {
            // What waits beside an ill disk when everything ends cannot be written.
            if syncer.has_ended() || (self.has_ended() && syncer.is_ill()) {
                return None;
            }
            let left = if syncer.is_busy() { GROUP_TIME } else { Duration::MAX };
            let popped = if syncer.has_room() { self.jobs(|jobs| jobs.pop_within(left))? } else { Popped::TooLong };
            match popped {
                Popped::Job(share, job) => return Some((share, job)),
                Popped::Nothing if self.has_ended() => return None,
                Popped::Nothing | Popped::TooLong => tokio::select! {
                    () = self.news() => {}
                    () = syncer.progress() => {}
                },
            }
        }
    }
}

/// Closes the queue when the writer ends, however it does.
struct Closing(Arc<Waiting>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Starts the writer on its connection; it ends when every store handle is gone, or when it is told to let go of
/// the database. Whatever still waits then is told that the store is closed.
///
/// # Errors
/// When no thread can be had.
pub(crate) fn start(
    mut tx: Tx,
    syncer: Syncer,
    stopwatch: Stopwatch,
    closing: Arc<Notify>,
) -> Result<(Queue, oneshot::Receiver<()>), StoreError> {
    let jobs = Mutex::new(Some(FairQueue::default()));
    let waiting = Arc::new(Waiting { jobs, ended: AtomicBool::new(false), news: Notify::new() });
    let (ours, runtime, (end, ended)) = (Closing(waiting.clone()), Handle::current(), oneshot::channel());
    let writing = async move {
        let mut checkpoints = Checkpoints::default();
        tokio::select! {
            biased;
            () = closing.notified() => {}
            () = serve(&mut tx, (&mut checkpoints, &syncer), ours, stopwatch) => {}
        }
        drop((syncer, checkpoints));
        tx.close().await;
        // Nobody has to wait for it.
        let _ = end.send(());
    };
    // Its statements run on its own thread: nobody else's work waits for a disk.
    let thread = std::thread::Builder::new().name("writer".into());
    let writing = writing.with_current_subscriber();
    thread.spawn(move || runtime.block_on(writing)).map_err(|_| StoreError::Closed)?;
    Ok((Queue(waiting), ended))
}

async fn serve(
    tx: &mut Tx,
    (checkpoints, syncer): (&mut Checkpoints, &Syncer),
    waiting: Closing,
    stopwatch: Stopwatch,
) {
    let mut group = Group::new(stopwatch.clone(), syncer);
    loop {
        tokio::select! {
            biased;
            next = waiting.0.next(syncer) => match next {
                Some(first) => group.commit(tx, first, &waiting.0).instrument(tracing::debug_span!("write_group")).await,
                None => return,
            },
            () = tokio::time::sleep(AGAIN), if checkpoints.is_behind() => {}
        }
        checkpoints.follow(tx, stopwatch.passed());
    }
}

/// The outer error means that the savepoint could not be left cleanly: what stands in the transaction
/// is not known, and nothing of it may be committed.
pub(crate) async fn in_savepoint(
    tx: &mut Tx,
    share: &Share,
    work: &Work,
) -> Result<Result<Answer, Failure>, StoreError> {
    for _ in 0..RUNS {
        tx.begin_afresh();
        tx.control("SAVEPOINT job").await?;
        match guarded(tx, share, work).await {
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
pub(crate) async fn in_transaction(
    tx: &mut Tx,
    share: &Share,
    work: &Work,
    lock_wait: Duration,
) -> Result<Answer, Failure> {
    for _ in 0..RUNS {
        match one_transaction(tx, share, work, lock_wait).await {
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

async fn one_transaction(tx: &mut Tx, share: &Share, work: &Work, lock_wait: Duration) -> Result<Answer, Halt> {
    let begin = tx.backend().begin(lock_wait);
    tx.begin_afresh();
    tx.is_open(true);
    tx.control(begin).await?;
    let result = guarded(tx, share, work).await;
    let ended = tx.control(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
    if ended.is_err() || matches!(result, Err(Halt::Broken(StoreError::Panicked))) {
        tx.discard();
    } else {
        tx.is_open(false);
    }
    let value = result?;
    ended.map_err(Halt::from)?;
    std::mem::take(&mut tx.booked).count();
    Ok(value)
}

pub(crate) async fn guarded(tx: &mut Tx, share: &Share, work: &Work) -> Result<Answer, Halt> {
    let span = tracing::debug_span!("write", kind = ?share.kind, partner = share.partner);
    let working = async {
        let answer = work(tx).await?;
        tx.send_later().await?;
        Ok(answer)
    };
    let result = AssertUnwindSafe(working.instrument(span)).catch_unwind().await;
    if let Some(hearing) = &mut tx.hearing {
        hearing.tell(Some(share.kind));
    }
    match result {
        Ok(result) => result,
        Err(_) => Err(Halt::Broken(StoreError::Panicked)),
    }
}

pub(crate) fn final_failure(halt: Halt) -> Option<Failure> {
    match halt {
        Halt::Clash => None,
        Halt::Refused(refusal) => Some(Failure::Refused(refusal)),
        Halt::Lost => Some(Failure::Lost),
        Halt::Broken(error) => Some(Failure::Broken(error)),
    }
}
