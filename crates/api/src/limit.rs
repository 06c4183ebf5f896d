//! How many requests a key may make: a bucket for each key that refills smoothly.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use model::clock::{Clock, MINUTE};
use model::id::KeyId;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Our clock, as limiters read it.
#[derive(Clone)]
pub(crate) struct Hand(pub(crate) Arc<dyn Clock>);

impl GovernorClock for Hand {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.0.now().0).unwrap_or(0).saturating_mul(1_000))
    }
}

type Buckets = RateLimiter<KeyId, DashMapStateStore<KeyId>, Hand, StateInformationMiddleware>;

/// The buckets of all keys.
pub(crate) struct Limiter {
    clock: Hand,
    /// Keys of one rate share a set: there are as many sets as the operator has chosen numbers.
    by_rate: RwLock<HashMap<u32, Arc<Buckets>>>,
    swept_at: AtomicI64,
}

/// What a key has left after this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    per_minute: u32,
    left: u32,
}

/// A request that is one too many; it is not charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// What is said in the headers.
    pub(crate) allowance: Allowance,
    /// After how many seconds the next one passes.
    pub(crate) retry_after_seconds: u64,
}

impl Limiter {
    /// Full buckets for everybody.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock: Hand(clock), by_rate: RwLock::default(), swept_at: AtomicI64::new(0) }
    }

    /// Takes one request from a key's bucket; `None` when it has no limit.
    pub(crate) fn take(&self, key: &KeyId, per_minute: u32) -> Result<Option<Allowance>, Exceeded> {
        let Some(rate) = NonZeroU32::new(per_minute) else { return Ok(None) };
        self.forget_idle();
        match self.buckets(rate).check_key(key) {
            Ok(state) => Ok(Some(Allowance { per_minute, left: state.remaining_burst_capacity() })),
            Err(refused) => {
                let wait = refused.wait_time_from(GovernorClock::now(&self.clock));
                let retry_after_seconds = wait.as_millis().div_ceil(1_000).max(1);
                Err(Exceeded {
                    allowance: Allowance { per_minute, left: 0 },
                    retry_after_seconds: u64::try_from(retry_after_seconds).unwrap_or(u64::MAX),
                })
            }
        }
    }

    fn buckets(&self, rate: NonZeroU32) -> Arc<Buckets> {
        let known = self.by_rate.read().unwrap_or_else(PoisonError::into_inner).get(&rate.get()).cloned();
        known.unwrap_or_else(|| {
            let mut sets = self.by_rate.write().unwrap_or_else(PoisonError::into_inner);
            let make = || RateLimiter::new(Quota::per_minute(rate), DashMapStateStore::default(), self.clock.clone());
            sets.entry(rate.get()).or_insert_with(|| Arc::new(make())).clone()
        })
    }

    /// Once a minute: a full bucket need not be remembered.
    fn forget_idle(&self) {
        let now = self.clock.0.now().0;
        let swept_at = self.swept_at.load(Ordering::Relaxed);
        let due = now.saturating_sub(swept_at) >= MINUTE;
        let mine = due && self.swept_at.compare_exchange(swept_at, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if mine {
            let sets = self.by_rate.read().unwrap_or_else(PoisonError::into_inner);
            sets.values().for_each(|buckets| buckets.retain_recent());
        }
    }
}

impl Allowance {
    /// Says it in the headers of the answer: `r` is what is left, `t` after how many seconds the
    /// bucket is full again.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let missing = u64::from(self.per_minute - self.left.min(self.per_minute));
        let seconds = (missing * 60).div_ceil(u64::from(self.per_minute.max(1)));
        put(headers, RATE_LIMIT, format!(r#""default";r={};t={seconds}"#, self.left));
        put(headers, RATE_LIMIT_POLICY, format!(r#""default";q={};w=60"#, self.per_minute));
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{HOUR, HandClock, MachineByHand, SECOND, SteadyClock, Time};
    use model::id::Id;

    use super::*;

    fn key(name: &str) -> KeyId {
        KeyId::opaque(name)
    }

    #[test]
    fn a_bucket_empties_refills_smoothly_and_refusals_are_free() {
        let clock = HandClock::at(Time::from_millis(1_800_000_000_000));
        let limiter = Limiter::new(clock.clone());
        for left in (0..600).rev() {
            assert_eq!(limiter.take(&key("a"), 600), Ok(Some(Allowance { per_minute: 600, left })));
        }
        for _ in 0..50 {
            assert_eq!(limiter.take(&key("a"), 600).unwrap_err().retry_after_seconds, 1);
        }
        assert!(limiter.take(&key("b"), 600).is_ok());
        clock.advance(SECOND);
        assert_eq!((0..20).filter(|_| limiter.take(&key("a"), 600).is_ok()).count(), 10);
    }

    #[test]
    fn a_clock_that_is_put_back_refuses_nobody_for_an_hour() {
        let machine = MachineByHand::at(Time::from_millis(1_800_000_000_000));
        let limiter = Limiter::new(Arc::new(SteadyClock::new(Arc::new(machine.clone()), None)));
        assert_eq!((0..700).filter(|_| limiter.take(&key("a"), 600).is_ok()).count(), 600);
        machine.wall.advance(-HOUR);
        machine.pass(10 * SECOND);
        assert_eq!((0..700).filter(|_| limiter.take(&key("a"), 600).is_ok()).count(), 90);
    }

    #[test]
    fn idle_keys_are_forgotten_and_zero_is_no_limit() {
        let clock = HandClock::at(Time::from_millis(1_800_000_000_000));
        let limiter = Limiter::new(clock.clone());
        for n in 0..100 {
            assert!(limiter.take(&key(&n.to_string()), 60).is_ok());
        }
        clock.advance(2 * MINUTE);
        assert!(limiter.take(&key("last"), 60).is_ok());
        assert_eq!(limiter.buckets(NonZeroU32::new(60).unwrap()).len(), 1);
        assert_eq!(limiter.take(&key("free"), 0), Ok(None));
    }

    #[test]
    fn the_headers_say_what_is_left_and_when_it_is_full_again() {
        let mut headers = HeaderMap::new();
        Allowance { per_minute: 600, left: 599 }.tell(&mut headers);
        assert_eq!(headers["ratelimit"], r#""default";r=599;t=1"#);
        assert_eq!(headers["ratelimit-policy"], r#""default";q=600;w=60"#);
    }
}
