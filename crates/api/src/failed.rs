//! How often an address may come without a good key.
//!
//! Only requests that fail anyway are refused here: the key is looked up first, so that a good one passes whatever
//! others at its address do. The look-up is one read by an index, and keys of an impossible length do not get that far.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use model::clock::{Clock, MINUTE, Time};

use crate::limit::Hand;

/// How many addresses are remembered. One that has to make room begins anew: whoever has that many addresses is not
/// bounded by their number.
const MOST: usize = 10_000;

type Buckets = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, Hand, NoOpMiddleware<Nanos>>;

/// Whoever a request comes from, as far as the server knows: bounds per address go by it. The server puts it into the
/// request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The failures of all addresses.
pub(crate) struct Failures {
    quota: Option<Quota>,
    clock: Hand,
    table: Mutex<Table>,
}

struct Table {
    buckets: Buckets,
    swept_at: Time,
}

impl Failures {
    /// Nobody has failed yet; 0 is no limit.
    pub(crate) fn new(per_minute: u32, clock: Arc<dyn Clock>) -> Self {
        let (quota, clock) = (NonZeroU32::new(per_minute).map(Quota::per_minute), Hand(clock));
        let buckets = empty(quota.unwrap_or(Quota::per_minute(NonZeroU32::MIN)), &clock);
        let swept_at = clock.0.now();
        Self { quota, clock, table: Mutex::new(Table { buckets, swept_at }) }
    }

    /// Counts a failure; when it is one too many, answers after how many seconds the next one is answered properly.
    pub(crate) fn count(&self, address: Option<ClientAddress>) -> Result<(), u64> {
        let (Some(quota), Some(ClientAddress(address))) = (self.quota, address) else { return Ok(()) };
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        self.make_room(&mut table, quota);
        let passes = table.buckets.check_key(&address);
        passes.map_err(|refused| {
            let wait = refused.wait_time_from(governor::clock::Clock::now(&self.clock));
            u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1)
        })
    }

    /// A full bucket need not be remembered; when there are too many others, all begin anew.
    fn make_room(&self, table: &mut Table, quota: Quota) {
        let now = self.clock.0.now();
        if table.buckets.len() < MOST && now.0 - table.swept_at.0 < MINUTE {
            return;
        }
        table.swept_at = now;
        table.buckets.retain_recent();
        if table.buckets.len() >= MOST {
            table.buckets = empty(quota, &self.clock);
        }
    }
}

fn empty(quota: Quota, clock: &Hand) -> Buckets {
    RateLimiter::new(quota, HashMapStateStore::default(), clock.clone())
}

#[cfg(test)]
mod tests {
    use model::clock::{HandClock, SECOND};

    use super::*;

    fn address(n: u32) -> Option<ClientAddress> {
        Some(ClientAddress(IpAddr::V4(n.into())))
    }

    #[test]
    fn an_address_may_fail_so_often_a_minute_and_others_do_not_matter() {
        let clock = HandClock::at(Time::from_millis(1_800_000_000_000));
        let failures = Failures::new(60, clock.clone());
        for _ in 0..60 {
            assert_eq!(failures.count(address(1)), Ok(()));
        }
        assert_eq!(failures.count(address(1)), Err(1));
        assert_eq!(failures.count(address(2)), Ok(()));
        clock.advance(SECOND);
        assert_eq!((failures.count(address(1)), failures.count(address(1))), (Ok(()), Err(1)));
        assert_eq!(failures.count(None), Ok(()), "nobody knows whose it is");
        let free = Failures::new(0, clock);
        assert!((0..1_000).all(|_| free.count(address(1)).is_ok()));
    }

    #[test]
    fn however_many_addresses_there_are_few_are_remembered() {
        let clock = HandClock::at(Time::from_millis(1_800_000_000_000));
        let failures = Failures::new(1, clock.clone());
        for n in 0..30_000 {
            assert_eq!(failures.count(address(n)), Ok(()));
            assert!(failures.table.lock().unwrap().buckets.len() <= MOST);
        }
        clock.advance(2 * MINUTE);
        assert_eq!(failures.count(address(1)), Ok(()));
        assert_eq!(failures.table.lock().unwrap().buckets.len(), 1, "who is quiet for a minute is forgotten");
    }
}
