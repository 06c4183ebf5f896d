//! How closures are committed together on SQLite.

use std::time::Duration;

use model::metric;
use tracing::Instrument as _;

use crate::booked::Booked;
use crate::db::Tx;
use crate::error::{Failure, StoreError};
use crate::fair::Popped;
use crate::share::Share;
use crate::syncing::Syncer;
use crate::writer::{Answer, Job, RUNS, Stopwatch, Waiting, Work, final_failure, guarded, in_savepoint};

/// How many closures are committed together at most.
const GROUP: usize = 64;
/// How long a group goes on taking closures.
pub(crate) const GROUP_TIME: Duration = Duration::from_millis(20);

/// So many groups are careful after one that had to begin again: what fails after it has written is rare, and whoever makes it
/// happen again and again does not have others' work done twice each time.
const CAREFUL: u32 = 64;

/// How groups of closures are committed.
pub(crate) struct Group<'a> {
    stopwatch: Stopwatch,
    syncer: &'a Syncer,
    /// In so many groups each closure has a savepoint of its own.
    careful: u32,
}

/// A closure that has run, and what it answered.
type Ran = (Share, Job, Result<Answer, Failure>);

/// Closures that have run in one transaction.
struct Running {
    ran: Vec<Ran>,
    booked: Booked,
    /// Whether what stands in the transaction is known.
    sound: Result<(), StoreError>,
    began_again: bool,
}

impl Default for Running {
    fn default() -> Self {
        Self { ran: vec![], booked: Booked::none(), sound: Ok(()), began_again: false }
    }
}

impl<'a> Group<'a> {
    /// Nothing has been committed yet.
    pub(crate) const fn new(stopwatch: Stopwatch, syncer: &'a Syncer) -> Self {
        Self { stopwatch, syncer, careful: 0 }
    }

    /// Runs closures and commits them together. A closure that fails before it has written leaves nothing behind; where one fails
    /// afterwards, everything begins again, each closure in a savepoint.
    pub(crate) async fn commit(&mut self, tx: &mut Tx, first: (Share, Job), waiting: &Waiting) {
        if let Err(error) = tx.begin_group().await {
            return answer(first.1, Err(error.into()));
        }
        let began = self.stopwatch.passed();
        let (mut running, mut next) = (Running::default(), Some(first));
        let mut careful = self.careful > 0;
        self.careful = self.careful.saturating_sub(1);
        while let Some((share, job)) = next {
            let before = self.stopwatch.passed();
            careful |= running.run(tx, share.clone(), job, careful).await;
            let now = self.stopwatch.passed();
            waiting.jobs(|jobs| jobs.spent(&share, now.saturating_sub(before)));
            let left = GROUP_TIME.saturating_sub(now.saturating_sub(began));
            let goes_on = running.sound.is_ok() && running.ran.len() < GROUP && !left.is_zero();
            next = if goes_on { self.next_within(left, waiting).await } else { None };
        }
        if running.began_again {
            self.careful = CAREFUL;
        }
        let Running { ran, booked, sound, .. } = running;
        let stopwatch = self.stopwatch.clone();
        let tell = move |why_not: Option<StoreError>| {
            if why_not.is_none() {
                booked.count();
            }
            metrics::histogram!(metric::WRITE_GROUP_SIZE).record(ran.len() as f64);
            metrics::histogram!(metric::WRITE_GROUP_SECONDS).record(stopwatch.passed().saturating_sub(began));
            for (_, job, result) in ran {
                let failed =
                    why_not.as_ref().map(|why| if why.is_full() { StoreError::Full } else { StoreError::NotCommitted });
                answer(job, failed.map_or(result, |error| Err(error.into())));
            }
        };
        match end(tx, sound).await {
            Ok(()) => self.syncer.follow(Box::new(move |synced| tell(synced.err()))),
            Err(error) => tell(Some(error)),
        }
    }

    /// Another closure of the group. While the last group is on its way to the disk this one waits for more: it would only wait for the
    /// disk otherwise, and what is committed together writes fewer pages.
    async fn next_within(&self, left: Duration, waiting: &Waiting) -> Option<(Share, Job)> {
        loop {
            match waiting.jobs(|jobs| jobs.pop_within(left))? {
                Popped::Job(share, job) => return Some((share, job)),
                Popped::Nothing if self.syncer.is_busy() && !waiting.has_ended() => {}
                Popped::Nothing | Popped::TooLong => return None,
            }
            tokio::select! {
                () = waiting.news() => {}
                () = self.syncer.progress() => {}
            }
        }
    }
}

impl Running {
    /// Runs one more closure; answers whether all of them had to begin again, and have savepoints from now on.
    async fn run(&mut self, tx: &mut Tx, share: Share, job: Job, careful: bool) -> bool {
        if !careful {
            match in_the_open(tx, &share, &job.work).instrument(job.asked_in.clone()).await {
                Some(result) => {
                    self.keep(tx, share, job, result);
                    return false;
                }
                None => {
                    self.begin_again(tx, share, job).await;
                    return true;
                }
            }
        }
        self.run_in_savepoint(tx, share, job).await;
        false
    }

    fn keep(&mut self, tx: &mut Tx, share: Share, job: Job, result: Result<Answer, Failure>) {
        let booked_here = std::mem::take(&mut tx.booked);
        if result.is_ok() {
            self.booked.join(booked_here);
        }
        self.ran.push((share, job, result));
    }

    async fn run_in_savepoint(&mut self, tx: &mut Tx, share: Share, job: Job) {
        let result = match in_savepoint(tx, &share, &job.work).instrument(job.asked_in.clone()).await {
            Ok(result) => result,
            Err(error) => {
                tracing::error!(%error, "a savepoint could not be left; its whole group is rolled back");
                self.sound = Err(error);
                Err(StoreError::NotCommitted.into())
            }
        };
        self.keep(tx, share, job, result);
    }

    /// Takes everything back, and runs all of it once more.
    async fn begin_again(&mut self, tx: &mut Tx, share: Share, job: Job) {
        self.began_again = true;
        // The database may have rolled back by itself.
        let _ = tx.control("ROLLBACK").await;
        self.booked = Booked::none();
        let again: Vec<_> = std::mem::take(&mut self.ran).into_iter().map(|(share, job, _)| (share, job)).collect();
        self.sound = tx.begin_group().await;
        for (share, job) in again.into_iter().chain([(share, job)]) {
            match self.sound {
                Ok(()) => self.run_in_savepoint(tx, share, job).await,
                Err(_) => self.keep(tx, share, job, Err(StoreError::NotCommitted.into())),
            }
        }
    }
}

/// Runs a closure in its group's transaction; `None` when it failed and what it has written stands there.
async fn in_the_open(tx: &mut Tx, share: &Share, work: &Work) -> Option<Result<Answer, Failure>> {
    for _ in 0..RUNS {
        tx.begin_afresh();
        let before = tx.rows_changed();
        match guarded(tx, share, work).await {
            Ok(value) => return tx.is_in_group().then_some(Ok(value)),
            // A full disk may have ended the whole transaction by itself.
            Err(_) if tx.rows_changed() != before || !tx.is_in_group() => return None,
            Err(halt) => {
                if let Some(failure) = final_failure(halt) {
                    return Some(Err(failure));
                }
            }
        }
    }
    Some(Err(StoreError::Contention.into()))
}

/// Commits a group that is sound; what is not committed is taken back.
async fn end(tx: &mut Tx, sound: Result<(), StoreError>) -> Result<(), StoreError> {
    let committed = match sound {
        Ok(()) => tx.commit_group().await,
        unsound => unsound,
    };
    if let Err(error) = &committed {
        tracing::error!(%error, "a group of writes could not be committed");
        // The database may have rolled back by itself.
        let _ = tx.control("ROLLBACK").await;
    }
    committed
}

fn answer(job: Job, result: Result<Answer, Failure>) {
    let Job { reply, pass, .. } = job;
    // Whoever has its answer has its place back: it may write again at once.
    drop(pass);
    // Whoever asked may have gone away; the write stands all the same.
    let _ = reply.send(result);
}
