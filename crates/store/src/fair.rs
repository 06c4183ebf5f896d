//! Whose turn at the writer is the next: whoever has had the least time of it so far.
//!
//! Kinds of work take turns, within each kind the real world and the sandboxes, and within these the partners. What counts is the time that was spent, not how
//! many jobs it was spent on. Whoever was idle begins where the others are: nobody saves up turns. Time that was
//! spent beyond the others' stays known until they have had as much.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use crate::share::{Kind, Share};

/// How much of a kind's time the real world has beside all sandboxes, when both want more than there is.
const LIVE: u64 = 3;

/// Jobs that wait for their turn.
pub(crate) struct FairQueue<T> {
    kinds: Level<Kind, Level<bool, Level<String, VecDeque<T>>>>,
    len: usize,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { kinds: Level::default(), len: 0 }
    }
}

/// What came of asking for a job.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Popped<T> {
    Job(Share, T),
    /// None waits.
    Nothing,
    /// The next one may take longer than there is left.
    TooLong,
}

impl<T> FairQueue<T> {
    /// Puts a job behind those of the same kind, environment and partner.
    pub(crate) fn push(&mut self, share: &Share, job: T) {
        let environments = self.kinds.enter(&share.kind, share.kind.weight());
        let partners = environments.enter(&share.is_live, if share.is_live { LIVE } else { 1 });
        partners.enter(&share.partner, 1).push_back(job);
        self.len += 1;
    }

    /// How many jobs wait.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The next job, and whose it is. The time that it takes is to be told before the next one is asked for.
    pub(crate) fn pop(&mut self) -> Option<(Share, T)> {
        let kind = self.kinds.least()?;
        let environments = self.kinds.waiting(&kind)?;
        let is_live = environments.least()?;
        let partners = environments.waiting(&is_live)?;
        let partner = partners.least()?;
        let job = partners.waiting(&partner)?.pop_front()?;
        self.len -= 1;
        partners.leave_when_empty(&partner);
        environments.leave_when_empty(&is_live);
        self.kinds.leave_when_empty(&kind);
        Some((Share { kind, is_live, partner }, job))
    }

    /// The next job, unless its partner's last one of that kind took longer than there is left: the next group begins
    /// with it, so that whoever is in this one does not wait for it as well.
    pub(crate) fn pop_within(&mut self, left: Duration) -> Popped<T> {
        match self.next_cost() {
            None => Popped::Nothing,
            Some(cost) if cost > micros(left) => Popped::TooLong,
            Some(_) => self.pop().map_or(Popped::Nothing, |(share, job)| Popped::Job(share, job)),
        }
    }

    /// What the last job took of whoever is the next.
    fn next_cost(&mut self) -> Option<u64> {
        let kind = self.kinds.least()?;
        let environments = self.kinds.waiting(&kind)?;
        let is_live = environments.least()?;
        let partners = environments.waiting(&is_live)?;
        let partner = partners.least()?;
        Some(partners.last_cost(&partner))
    }

    /// Tells how long a job took.
    pub(crate) fn spent(&mut self, share: &Share, took: Duration) {
        let micros = micros(took).max(1);
        self.kinds.charge(&share.kind, micros);
        let Some(environments) = self.kinds.waiting(&share.kind) else { return };
        environments.charge(&share.is_live, micros);
        if let Some(partners) = environments.waiting(&share.is_live) {
            partners.charge(&share.partner, micros);
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// What a microsecond is counted as: it can be divided among some hundreds of members without losing much.
const FINE: u64 = 1_000;

/// Somewhere to wait.
trait Waiting: Default {
    fn is_empty(&self) -> bool;
}

impl<T> Waiting for VecDeque<T> {
    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}

impl<K: Clone + Ord + Hash, W: Waiting> Waiting for Level<K, W> {
    fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }
}

/// Members who take turns.
struct Level<K, W> {
    members: HashMap<K, Member<W>>,
    /// Those who have something waiting, by what they have used.
    ready: BTreeSet<(u64, K)>,
    /// The weights of those, added up.
    load: u64,
    /// What somebody would have used who always had something waiting: where those begin who were idle.
    now: u64,
}

struct Member<W> {
    weight: u64,
    /// Time for each unit of weight.
    used: u64,
    /// What the last job took, in microseconds.
    last: u64,
    waiting: W,
}

impl<K, W> Default for Level<K, W> {
    fn default() -> Self {
        Self { members: HashMap::new(), ready: BTreeSet::new(), load: 0, now: 0 }
    }
}

/// So many idle members are kept beside those who wait before they are looked through.
const IDLE: usize = 64;

impl<K: Clone + Ord + Hash, W: Waiting> Level<K, W> {
    /// Where a member's jobs wait; one is about to be put there.
    fn enter(&mut self, key: &K, weight: u64) -> &mut W {
        self.forget_idle();
        let now = self.now;
        let blank = || Member { weight, used: now, last: 0, waiting: W::default() };
        let member = self.members.entry(key.clone()).or_insert_with(blank);
        if member.waiting.is_empty() {
            member.used = member.used.max(now);
            self.ready.insert((member.used, key.clone()));
            self.load += weight;
        }
        &mut member.waiting
    }

    /// The one who has used the least.
    fn least(&self) -> Option<K> {
        self.ready.first().map(|(_, key)| key.clone())
    }

    fn waiting(&mut self, key: &K) -> Option<&mut W> {
        self.members.get_mut(key).map(|member| &mut member.waiting)
    }

    fn last_cost(&self, key: &K) -> u64 {
        self.members.get(key).map_or(0, |member| member.last)
    }

    fn leave_when_empty(&mut self, key: &K) {
        let Some(member) = self.members.get(key).filter(|member| member.waiting.is_empty()) else { return };
        if self.ready.remove(&(member.used, key.clone())) {
            self.load -= member.weight;
        }
    }

    fn charge(&mut self, key: &K, micros: u64) {
        let Some(member) = self.members.get_mut(key) else { return };
        let (cost, weight) = (micros.saturating_mul(FINE), member.weight);
        let waits = self.ready.remove(&(member.used, key.clone()));
        member.used = member.used.saturating_add(cost / weight);
        member.last = micros;
        if waits {
            self.ready.insert((member.used, key.clone()));
        }
        self.now = self.now.saturating_add(cost / (self.load + if waits { 0 } else { weight }));
    }

    /// Whoever is idle and owes the others nothing begins anew anyway.
    fn forget_idle(&mut self) {
        if self.members.len() > 2 * self.ready.len() + IDLE {
            let now = self.now;
            self.members.retain(|_, member| !member.waiting.is_empty() || member.used > now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(kind: Kind, partner: &str) -> Share {
        Share { kind, is_live: true, partner: partner.to_owned() }
    }

    /// Takes so many turns at a queue that is kept full, each at the cost of its job in milliseconds.
    fn turns(flood: &[(Share, u64)], turns: usize) -> (FairQueue<u64>, Vec<Share>) {
        let mut queue = FairQueue::default();
        let mut had = vec![];
        for (share, cost) in flood {
            (0..turns).for_each(|_| queue.push(share, *cost));
        }
        for _ in 0..turns {
            let (share, cost) = queue.pop().unwrap();
            queue.spent(&share, Duration::from_millis(cost));
            had.push(share);
        }
        (queue, had)
    }

    fn count(had: &[Share], share: &Share) -> usize {
        had.iter().filter(|one| *one == share).count()
    }

    #[test]
    fn each_kind_goes_on_under_a_flood_of_each_other() {
        for flooding in Kind::ALL {
            for other in Kind::ALL.into_iter().filter(|other| *other != flooding) {
                let (flood, one) = (share(flooding, "org_1"), share(other, "org_2"));
                let (_, had) = turns(&[(flood, 10), (one.clone(), 10)], 60);
                let least = 60 * other.weight() / (other.weight() + flooding.weight());
                let turns = count(&had, &one);
                assert!(turns + 1 >= usize::try_from(least).unwrap(), "{other:?} under {flooding:?}: {turns}");
            }
        }
    }

    #[test]
    fn a_flood_of_sandboxes_leaves_the_real_world_its_turns_be_it_the_same_partners() {
        let live = share(Kind::Request, "org_0");
        let tests = (0..50).map(|n| Share { is_live: false, ..share(Kind::Request, &format!("org_{n}")) });
        let mut flood: Vec<_> = tests.map(|share| (share, 10)).collect();
        flood.push((live.clone(), 10));
        let (mut queue, had) = turns(&flood, 100);
        assert!((74..=76).contains(&count(&had, &live)), "{}", count(&had, &live));
        while let Some((share, cost)) = queue.pop() {
            queue.spent(&share, Duration::from_millis(cost));
        }
        (0..9).for_each(|_| queue.push(&flood[1].0, 10));
        queue.push(&live, 10);
        let first = queue.pop().unwrap().0;
        queue.spent(&first, Duration::from_millis(10));
        let second = queue.pop().unwrap().0;
        assert!(first == live || second == live, "whoever was idle waits for one job: {first:?} {second:?}");
    }

    #[test]
    fn partners_share_by_time_and_not_by_number() {
        let (heavy, light) = (share(Kind::Request, "org_1"), share(Kind::Request, "org_2"));
        let (_, had) = turns(&[(heavy.clone(), 50), (light.clone(), 1)], 102);
        assert_eq!((count(&had, &heavy), count(&had, &light)), (2, 100));
    }

    #[test]
    fn whoever_comes_to_a_flood_waits_for_one_job() {
        let (flood, late) = (share(Kind::Request, "org_1"), share(Kind::Request, "org_2"));
        let (mut queue, _) = turns(&[(flood.clone(), 20)], 500);
        queue.push(&flood, 20);
        queue.push(&late, 1);
        let (first, cost) = queue.pop().unwrap();
        queue.spent(&first, Duration::from_millis(cost));
        let second = queue.pop().unwrap().0;
        assert!(first == late || second == late, "{first:?} {second:?}");
    }

    #[test]
    fn a_long_job_begins_a_group_and_a_short_one_joins_it() {
        let (short, long) = (share(Kind::Request, "org_1"), share(Kind::Request, "org_2"));
        let (mut queue, _) = turns(&[(long.clone(), 30)], 1);
        queue.push(&short, 1);
        queue.push(&long, 30);
        let left = Duration::from_millis(20);
        assert!(matches!(queue.pop_within(left), Popped::Job(share, _) if share == short));
        queue.spent(&short, Duration::from_millis(1));
        assert_eq!(queue.pop_within(left), Popped::TooLong, "the next group begins with it");
        assert_eq!(queue.pop().map(|(share, _)| share), Some(long));
        assert_eq!(queue.pop_within(left), Popped::Nothing);
    }

    #[test]
    fn whoever_was_idle_has_saved_up_nothing() {
        let (busy, idle) = (share(Kind::Request, "org_1"), share(Kind::Request, "org_2"));
        let (mut queue, _) = turns(&[(idle.clone(), 1), (busy.clone(), 1)], 2);
        let (mut had, mut left) = (vec![], 1_000);
        while left > 0 {
            left -= 1;
            if left == 100 {
                (0..100).for_each(|_| queue.push(&idle, 1));
            }
            queue.push(&busy, 1);
            let (share, cost) = queue.pop().unwrap();
            queue.spent(&share, Duration::from_millis(cost));
            had.push(share);
        }
        let last = &had[had.len() - 100..];
        assert!((49..=51).contains(&count(last, &idle)), "{}", count(last, &idle));
    }

    #[test]
    fn whoever_sends_one_long_job_after_the_other_lets_others_catch_up() {
        let (long, short) = (share(Kind::Request, "org_1"), share(Kind::Request, "org_2"));
        let mut queue = FairQueue::default();
        let mut had = vec![];
        // Each sends its next job when it has the answer to the one before.
        queue.push(&long, 100);
        queue.push(&short, 1);
        for _ in 0..202 {
            let (share, cost) = queue.pop().unwrap();
            queue.spent(&share, Duration::from_millis(cost));
            queue.push(&share, cost);
            had.push(share);
        }
        assert!(count(&had, &long) <= 4, "{}", count(&had, &long));
    }

    #[test]
    fn a_job_waits_behind_those_of_the_same_partner_only() {
        let (one, other) = (share(Kind::Request, "org_1"), share(Kind::Request, "org_2"));
        let mut queue = FairQueue::default();
        (1..=3).for_each(|n| queue.push(&one, n));
        queue.push(&other, 9);
        let order: Vec<u64> = std::iter::from_fn(|| {
            let (share, n) = queue.pop()?;
            queue.spent(&share, Duration::from_millis(5));
            Some(n)
        })
        .collect();
        assert_eq!(order, [1, 9, 2, 3]);
    }

    #[test]
    fn those_who_are_gone_are_forgotten() {
        let mut queue = FairQueue::default();
        for n in 0..10_000 {
            let share = share(Kind::Request, &format!("org_{n}"));
            queue.push(&share, 1);
            let (share, _) = queue.pop().unwrap();
            queue.spent(&share, Duration::from_micros(1));
        }
        assert!(queue.kinds.members[&Kind::Request].waiting.members[&true].waiting.members.len() < 200);
    }
}
