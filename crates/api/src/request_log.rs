//! Which answers get a line in the log: what anybody can cause without a key must not fill it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use model::clock::Clock;
use model::id::PartnerId;

use crate::limit::Hand;

/// Lines a second for refused requests and for such without a key, and how many at once.
const RATE: NonZeroU32 = NonZeroU32::new(10).expect("ten");
const BURST: NonZeroU32 = NonZeroU32::new(100).expect("a hundred");

/// Stands in an answer's extensions when the request had a good key: its rate is bounded already.
#[derive(Clone)]
pub(crate) struct KnownKey(pub(crate) PartnerId);

/// The lines about answers.
pub(crate) struct Lines {
    bound: RateLimiter<NotKeyed, InMemoryState, Hand, NoOpMiddleware<Nanos>>,
    left_out: AtomicU64,
}

impl Lines {
    /// Lines whose rate is counted by this clock.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let quota = Quota::per_second(RATE).allow_burst(BURST);
        Self { bound: RateLimiter::direct_with_clock(quota, Hand(clock)), left_out: AtomicU64::new(0) }
    }

    /// Whether an answer gets a line, and how many before it got none. What is our own trouble always does.
    pub(crate) fn next(&self, status: StatusCode, has_key: bool) -> Option<u64> {
        let is_free = status.is_server_error() || (has_key && !status.is_client_error());
        if is_free || self.bound.check().is_ok() {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{HandClock, SECOND, Time};

    use super::*;

    #[test]
    fn refusals_and_strangers_share_a_bound_and_are_counted() {
        let clock = HandClock::at(Time::from_millis(1_800_000_000_000));
        let lines = Lines::new(clock.clone());
        let strangers = (0..500).filter(|_| lines.next(StatusCode::OK, false).is_some()).count();
        assert_eq!(strangers, 100);
        assert_eq!(lines.next(StatusCode::NOT_FOUND, true), None);
        assert_eq!(lines.next(StatusCode::INTERNAL_SERVER_ERROR, false), Some(401), "our own trouble is always said");
        assert_eq!(lines.next(StatusCode::UNAUTHORIZED, false), None);
        assert_eq!(lines.next(StatusCode::OK, true), Some(1), "good keys have a bound of their own");
        clock.advance(SECOND);
        let next = (0..500).filter(|_| lines.next(StatusCode::UNAUTHORIZED, false).is_some()).count();
        assert_eq!(next, 10);
    }
}
