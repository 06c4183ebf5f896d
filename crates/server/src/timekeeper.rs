//! Keeps server time over restarts, and says in the log what is done to the machine's clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::{CARRIED, Clock as _, Hands, MINUTE, NOTED, SECOND, SteadyClock, Time, Watch};
use store::{Failure, Store, times};
use tokio_util::sync::CancellationToken;

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// How far time gets before it is written down again.
const EVERY: i64 = MINUTE;

/// The clock of a server on this database: it begins where the last one was, when the machine's clock is behind
/// that.
///
/// # Errors
/// When the database cannot be read.
pub async fn clock(store: &Store, hands: Arc<dyn Hands>) -> Result<Arc<SteadyClock>, Failure> {
    let known = times::known(&mut store.read().await?).await?;
    Ok(Arc::new(SteadyClock::new(hands, known)))
}

/// What was done to the machine's clock, for whoever tells the operator.
#[derive(Debug, Default)]
pub struct Steps(Mutex<Option<(Time, i64)>>);

impl Steps {
    /// When it was last put somewhere else, server time, and by how many microseconds: forward, or back when negative.
    #[must_use]
    pub fn last(&self) -> Option<(Time, i64)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, at: Time, step: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, step));
    }
}

/// Writes the time down as it passes.
pub struct Timekeeper {
    clock: Arc<SteadyClock>,
    store: Store,
    watch: Watch,
    written: Option<Time>,
    /// Whether it has been said that another process is ahead.
    is_behind: bool,
    steps: Arc<Steps>,
}

impl Timekeeper {
    /// A keeper of this clock's time.
    #[must_use]
    pub fn new(clock: Arc<SteadyClock>, store: Store) -> Self {
        let watch = Watch::new(clock.hands());
        Self { clock, store, watch, written: None, is_behind: false, steps: Arc::default() }
    }

    /// What it sees done to the clock.
    #[must_use]
    pub fn steps(&self) -> Arc<Steps> {
        self.steps.clone()
    }

    /// Says what a start finds, and begins to write.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn begin(&mut self) -> Result<(), Failure> {
        let (now, ahead) = (self.clock.now(), self.clock.ahead());
        let known = times::known(&mut self.store.read().await?).await?.unwrap_or(now);
        if ahead > NOTED {
            let seconds = ahead / SECOND;
            tracing::warn!(
                seconds,
                "the machine's clock is behind the newest time in the database: server time goes on from that, a tenth slower until the clock has caught up"
            );
        } else if known.0 - now.0 > CARRIED {
            tracing::error!(
                %known,
                %now,
                "the database knows a time that is more than a day ahead of the machine's clock, which is taken to be right: what was put down by the other waits until its time"
            );
            self.store.settle(move |tx| async move { Ok(times::correct(tx, now).await?) }.boxed()).await?;
        }
        self.write(now).await
    }

    /// Looks at the clock once: notes a step, and writes the time down when it has got on.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn look(&mut self) -> Result<(), Failure> {
        let step = self.watch.look(self.clock.hands());
        if let Some(step) = step {
            self.steps.note(self.clock.now(), step);
        }
        match step {
            Some(step) if step > 0 => tracing::warn!(
                seconds = step / SECOND,
                "the machine's clock was put forward, or the machine has slept: server time follows, and what came due is done now"
            ),
            Some(step) => tracing::warn!(
                seconds = -step / SECOND,
                "the machine's clock was put back: server time goes on, a tenth slower until the clock has caught up"
            ),
            None => {}
        }
        let now = self.clock.now();
        if self.written.is_none_or(|written| now.0 - written.0 >= EVERY) { self.write(now).await } else { Ok(()) }
    }

    /// Keeps time until the server stops, and a last time then.
    pub(crate) async fn run(mut self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                biased;
                () = stop.cancelled() => self.written = None,
                () = tokio::time::sleep(LOOK) => {}
            }
            match tokio::time::timeout(LOOK, self.look()).await {
                Ok(Ok(())) => {}
                // Whoever stopped it may have closed the store already.
                Ok(Err(error)) if stop.is_cancelled() => tracing::debug!(%error, "the last time was not written down"),
                Ok(Err(error)) => tracing::warn!(%error, "the time could not be written down; it is tried again"),
                Err(_) => tracing::warn!("the time could not be written down for a while; it is tried again"),
            }
        }
    }

    async fn write(&mut self, now: Time) -> Result<(), Failure> {
        let before = self.store.settle(move |tx| async move { Ok(times::pass(tx, now).await?) }.boxed()).await?;
        self.written = Some(now);
        let ahead = before.map_or(0, |before| before.0 - now.0);
        if ahead > NOTED && !self.is_behind {
            let seconds = ahead / SECOND;
            tracing::warn!(
                seconds,
                "another process on this database is ahead of this one's time: put the clocks of all machines right"
            );
        }
        self.is_behind = ahead > NOTED;
        Ok(())
    }
}
