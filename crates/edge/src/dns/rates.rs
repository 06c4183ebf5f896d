//! How many answers a network may have about one thing, so that nobody fills somebody's line by asking in their name.
//!
//! Whoever really asks is sent to TCP by every second answer or so that is held back, where no sender can be made up.
//! The buckets are a fixed number: who asks about very many things pushes out buckets of others, which begin full again.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use model::clock::{SECOND, Time};

/// How many groups of buckets there are.
const GROUPS: usize = 8192;
/// How many things that fall into one group are counted apart.
const BUCKETS: usize = 4;

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Send,
    /// Only an empty one is sent, which leads to TCP.
    SendToTcp,
    Drop,
}

/// Buckets for networks and what they ask about.
pub(super) struct Rates {
    /// Answers a second.
    rate: i64,
    slip: u32,
    hasher: RandomState,
    groups: Box<[Mutex<[Bucket; BUCKETS]>]>,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    /// Whose it is; zero: nobody's.
    whose: u64,
    /// When it will be full again. A bucket holds the answers of one second.
    full_at: Time,
    held_back: u32,
}

impl Rates {
    /// So many answers a second, none bounded with zero; every `slip`th that is held back leads to TCP.
    pub(super) fn new(rate: u32, slip: u32) -> Self {
        let groups = if rate == 0 { 0 } else { GROUPS };
        let groups = std::iter::repeat_with(Mutex::default).take(groups).collect();
        Self { rate: i64::from(rate), slip, hasher: RandomState::new(), groups }
    }

    /// What happens to an answer to a network about something.
    pub(super) fn judge(&self, network: u64, about: u64, now: Time) -> Verdict {
        if self.groups.is_empty() {
            return Verdict::Send;
        }
        let whose = self.hasher.hash_one((network, about)).max(1);
        let group = usize::try_from(whose).unwrap_or_default() % self.groups.len();
        let mut group = self.groups[group].lock().unwrap_or_else(PoisonError::into_inner);
        let at = group.iter().position(|bucket| bucket.whose == whose).unwrap_or_else(|| {
            // The one that would be full first is the one that says least.
            let least = (0..BUCKETS).min_by_key(|at| group[*at].full_at).unwrap_or_default();
            group[least] = Bucket { whose, full_at: now, held_back: 0 };
            least
        });
        let bucket = &mut group[at];
        // A clock that went back makes nobody wait for longer than an empty bucket does.
        bucket.full_at = bucket.full_at.clamp(now, now.plus(SECOND));
        let after = bucket.full_at.plus(SECOND / self.rate);
        if after <= now.plus(SECOND) {
            *bucket = Bucket { whose, full_at: after, held_back: 0 };
            return Verdict::Send;
        }
        bucket.held_back = bucket.held_back.wrapping_add(1);
        if self.slip > 0 && bucket.held_back.is_multiple_of(self.slip) { Verdict::SendToTcp } else { Verdict::Drop }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_000 * SECOND);

    fn told(rates: &Rates, count: usize, network: u64, now: Time) -> (usize, usize, usize) {
        let verdicts: Vec<_> = (0..count).map(|_| rates.judge(network, 7, now)).collect();
        let of = |wanted| verdicts.iter().filter(|one| **one == wanted).count();
        (of(Verdict::Send), of(Verdict::SendToTcp), of(Verdict::Drop))
    }

    #[test]
    fn a_network_has_so_many_answers_a_second() {
        let rates = Rates::new(10, 2);
        assert_eq!(told(&rates, 30, 1, NOW), (10, 10, 10));
        assert_eq!(told(&rates, 10, 2, NOW), (10, 0, 0), "another network has its own");
        assert_eq!(rates.judge(1, 8, NOW), Verdict::Send, "something else has its own");
        assert_eq!(told(&rates, 30, 1, NOW.plus(SECOND / 2)).0, 5, "half a second brings half of it");
        assert_eq!(told(&rates, 30, 1, NOW.plus(SECOND * 9)).0, 10, "and nobody saves");
        assert_eq!(told(&rates, 30, 1, NOW).0, 0);
        assert_eq!(told(&rates, 30, 1, NOW.plus(SECOND)).0, 10, "a clock that went back is caught up with in a second");
    }

    #[test]
    fn without_slip_nobody_is_sent_to_tcp_and_without_a_rate_nothing_is_held_back() {
        assert_eq!(told(&Rates::new(1, 0), 5, 1, NOW), (1, 0, 4));
        assert_eq!(told(&Rates::new(1, 1), 5, 1, NOW), (1, 4, 0));
        assert_eq!(told(&Rates::new(0, 2), 500, 1, NOW), (500, 0, 0));
    }

    #[test]
    fn very_many_askers_take_no_more_memory() {
        let rates = Rates::new(1, 0);
        let held_back = (0..200_000).filter(|network| rates.judge(*network, 7, NOW) != Verdict::Send).count();
        assert_eq!(held_back, 0, "whoever comes first is answered");
        assert_eq!(rates.groups.len(), GROUPS);
    }
}
