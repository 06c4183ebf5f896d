//! A lease in the hands of whoever works under it. A process that was frozen does not notice: so the lease is asked for
//! right before a call, and nothing of the call goes on after its end.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::Time;
use model::task::Task;
use store::{Failure, tasks};
use tokio::time::Instant;

use crate::claim::LEASE;
use crate::parts::Parts;

/// How often a lease is renewed while a call is under way: well before [`LEASE`] runs out.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How soon a renewal that failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How long before its end a lease is no longer relied on.
const MARGIN: Duration = Duration::from_secs(5);

/// A lease on a task.
pub(crate) struct Hold<'a> {
    parts: &'a Parts,
    task: &'a Task,
    lease: &'a str,
    end: End,
}

/// Until when a lease can be relied on, by a clock that nobody sets.
struct End(Mutex<Instant>);

impl End {
    fn at(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn move_to(&self, at: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    fn has_come(&self) -> bool {
        Instant::now() >= self.at()
    }

    /// Carries a call on until the end has come. It is looked at before each move: what woke up too late does not get to
    /// say another word.
    async fn bounds<F: Future>(&self, call: F) -> Option<F::Output> {
        let mut call = pin!(call);
        std::future::poll_fn(|cx| match self.has_come() {
            true => Poll::Ready(None),
            false => call.as_mut().poll(cx).map(Some),
        })
        .await
    }
}

impl<'a> Hold<'a> {
    /// Makes sure that the lease is still held, and for long enough to begin something.
    ///
    /// # Errors
    /// [`Failure::Lost`] when the work is somebody else's.
    pub(crate) async fn ask(parts: &'a Parts, task: &'a Task, lease: &'a str) -> Result<Self, Failure> {
        let asked_at = Instant::now();
        let until = tasks::leased_until(&mut parts.store.read().await?, &task.id, lease).await?;
        let left = until.ok_or(Failure::Lost)?.0.saturating_sub(parts.clock.now().0);
        let hold = Self { parts, task, lease, end: End(Mutex::new(asked_at)) };
        if left < LEASE / 2 {
            hold.renew().await?;
        } else {
            hold.lasts(asked_at, left);
        }
        Ok(hold)
    }

    /// Carries a call on while the lease lasts; `None` when that ended first.
    pub(crate) async fn during<F: Future>(&self, call: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            ended = self.end.bounds(call) => ended,
            () = self.keep() => None,
        }
    }

    /// Renews the lease until it is somebody else's, or cannot be relied on any more.
    async fn keep(&self) {
        let mut wait = HEARTBEAT;
        loop {
            let end = self.end.at();
            tokio::time::sleep(pause(Instant::now(), end, wait)).await;
            if self.end.has_come() {
                return;
            }
            wait = match tokio::time::timeout_at(end, self.renew()).await {
                Ok(Ok(())) => HEARTBEAT,
                Ok(Err(Failure::Lost)) => return,
                Ok(Err(failure)) => {
                    tracing::warn!(task = %self.task.id, %failure, "a lease could not be renewed; it is tried again until it runs out");
                    AGAIN
                }
                Err(_) => return,
            };
        }
    }

    async fn renew(&self) -> Result<(), Failure> {
        let (asked_at, until) = (Instant::now(), self.parts.clock.now().plus(LEASE));
        self.extend(until).await?;
        self.lasts(asked_at, LEASE);
        Ok(())
    }

    async fn extend(&self, until: Time) -> Result<(), Failure> {
        let (id, lease) = (self.task.id.clone(), self.lease.to_owned());
        let renewed = self.parts.store.settle(move |tx| {
            let (id, lease) = (id.clone(), lease.clone());
            async move { tasks::extend(tx, &id, &lease, until).await }.boxed()
        });
        renewed.await
    }

    /// The lease was seen to last so many microseconds from before it was asked for.
    fn lasts(&self, asked_at: Instant, micros: i64) {
        let left = Duration::from_micros(u64::try_from(micros).unwrap_or(0)).saturating_sub(MARGIN);
        self.end.move_to(asked_at + left);
    }
}

/// How long a lease is left alone: `wait`, and half of what is left of one that was not new when it was asked for, so that it is renewed
/// before it is too late.
fn pause(now: Instant, end: Instant, wait: Duration) -> Duration {
    wait.min(end.saturating_duration_since(now) / 2)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_wakes_after_its_lease_does_not_say_another_word() {
        let (end, said) = (End(Mutex::new(Instant::now() + LEASE_LEFT)), AtomicUsize::new(0));
        let call = async {
            said.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            // It was frozen here; others have the work by now.
            end.move_to(Instant::now());
            tokio::task::yield_now().await;
            said.fetch_add(1, Ordering::SeqCst);
        };
        assert_eq!(end.bounds(call).await, None);
        assert_eq!(said.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_ends_in_time_is_heard() {
        let end = End(Mutex::new(Instant::now() + LEASE_LEFT));
        assert_eq!(end.bounds(async { 7 }).await, Some(7));
    }

    #[test]
    fn a_lease_is_renewed_before_it_is_too_late() {
        let now = Instant::now();
        let after = |left| pause(now, now + Duration::from_secs(left), HEARTBEAT);
        assert_eq!(after(25), HEARTBEAT);
        assert_eq!(after(8), Duration::from_secs(4), "no call is cut whose lease can be renewed");
        assert_eq!(pause(now, now - Duration::from_secs(1), HEARTBEAT), Duration::ZERO);
    }

    const LEASE_LEFT: Duration = Duration::from_secs(3600);
}
