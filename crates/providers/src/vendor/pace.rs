//! How often a vendor is asked: by what it has published, and by what its answers say.
//!
//! Vendors count in windows whose beginnings they do not tell, and refuse everything for minutes when one is overdrawn. So
//! of each limit no more than its number is sent in *any* window of its length, which is right wherever theirs begins. A
//! bucket that fills evenly would send nearly twice as many in the unluckiest one.
//!
//! They count a call when it comes to them, which may be seconds after it was sent, where a connection had to be made first. So each
//! counts as late as it may have come: when it was answered, and until then now.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use model::clock::{SECOND, Time};

use super::hints::Room;

/// A limit that a vendor has published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    of: Of,
    calls: usize,
    per: Duration,
}

/// What a limit is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    All,
    Writes,
    Operation(&'static str),
}

impl Pace {
    /// So many calls of any kind in any period of this length.
    #[must_use]
    pub const fn of_all(calls: usize, per: Duration) -> Self {
        Self { of: Of::All, calls, per }
    }

    /// So many calls that change something.
    #[must_use]
    pub const fn of_writes(calls: usize, per: Duration) -> Self {
        Self { of: Of::Writes, calls, per }
    }

    /// So many calls of one operation.
    #[must_use]
    pub const fn of(operation: &'static str, calls: usize, per: Duration) -> Self {
        Self { of: Of::Operation(operation), calls, per }
    }

    /// Whether it would let nothing through, ever.
    pub(super) const fn is_never(&self) -> bool {
        self.calls == 0
    }

    /// In words for the operator.
    pub(super) fn words(&self) -> String {
        let of = match self.of {
            Of::All => String::new(),
            Of::Writes => " that change something".into(),
            Of::Operation(operation) => format!(" of {operation}"),
        };
        format!("{} calls{of} in {} s", self.calls, self.per.as_secs_f64())
    }

    fn concerns(&self, operation: &str, writes: bool) -> bool {
        match self.of {
            Of::All => true,
            Of::Writes => writes,
            Of::Operation(one) => one == operation,
        }
    }

    /// Its period in microseconds, and a little more: what we send evenly may arrive closer together.
    fn micros(&self) -> i64 {
        let micros = i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX);
        micros.saturating_add((micros / 20).min(SECOND))
    }
}

/// Says when the next call may be sent.
#[derive(Clone, Debug)]
pub(super) struct Pacer {
    windows: Vec<Window>,
    /// Before this nothing is sent.
    closed_until: Time,
    /// Before this nothing of an operation is.
    spent_until: BTreeMap<&'static str, Time>,
    /// How many more may be sent before a time, as the vendor counts.
    room: Option<(u64, Time)>,
    /// As many calls are promised to somebody, who has not sent them yet.
    promised: usize,
}

/// A limit, and when the last calls were sent that it concerns: as many as it allows in its period.
#[derive(Clone, Debug)]
struct Window {
    pace: Pace,
    sent: VecDeque<Sent>,
}

/// A call that was sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    at: Time,
    answered: Option<Time>,
}

/// No call is on its way for longer than this, in microseconds, however long its answer takes.
const ON_ITS_WAY: i64 = 5 * SECOND;

impl Sent {
    /// The latest time at which the vendor may have counted it, as far as that is known.
    fn counted(self, now: Time) -> Time {
        self.answered.unwrap_or(now).min(self.at.plus(ON_ITS_WAY)).max(self.at)
    }
}

impl Window {
    /// When there is room for one more. Turns come in their order.
    fn next(&self, now: Time) -> Time {
        let last = self.sent.back().map(|last| last.at).unwrap_or_default();
        match self.sent.len() < self.pace.calls {
            true => last,
            false => self.first(now).map_or(last, |(_, first)| first.plus(self.pace.micros()).max(last)),
        }
    }

    /// Which is the first that the vendor does not count any more, and when it has counted it at the latest.
    fn first(&self, now: Time) -> Option<(usize, Time)> {
        let counted = self.sent.iter().enumerate().map(|(place, sent)| (place, sent.counted(now)));
        counted.min_by_key(|(_, counted)| *counted)
    }

    fn take(&mut self, at: Time) {
        if self.sent.len() >= self.pace.calls
            && let Some((place, _)) = self.first(at)
        {
            self.sent.remove(place);
        }
        self.sent.push_back(Sent { at, answered: None });
    }

    /// One that was sent at a time has been answered. Of several any will do.
    fn answered(&mut self, at: Time, now: Time) {
        let is_it = |sent: &&mut Sent| sent.at == at && sent.answered.is_none();
        if let Some(sent) = self.sent.iter_mut().rev().find(is_it) {
            sent.answered = Some(now);
        }
    }
}

impl Pacer {
    pub(super) fn new(paces: &[Pace]) -> Self {
        let windows = paces.iter().map(|pace| Window { pace: *pace, sent: VecDeque::new() }).collect();
        Self { windows, closed_until: Time(0), spent_until: BTreeMap::new(), room: None, promised: 0 }
    }

    /// Takes a turn for a call of `operation`, and says when it is. `Err` says when there will be one, and takes none:
    /// nobody waits longer than `patience`, in microseconds. What is promised to others is left to them.
    pub(super) fn turn(
        &mut self,
        operation: &'static str,
        writes: bool,
        now: Time,
        patience: i64,
    ) -> Result<Time, Time> {
        if self.promised > 0 {
            let at = self.when(self.promised + 1, now);
            if at > now.plus(patience) {
                return Err(at);
            }
        }
        self.take(operation, writes, now, patience)
    }

    /// Promises so many calls of any kind, and of these no more than the least of the limits: they can be sent when they are wanted.
    /// `Err` says when so many can be promised, beside so many others.
    pub(super) fn promise(&mut self, calls: usize, beside: usize, now: Time, patience: i64) -> Result<usize, Time> {
        let calls = calls.min(self.most_at_once());
        let at = self.when(self.promised + beside + calls, now);
        if at > now.plus(patience) {
            return Err(at);
        }
        self.promised += calls;
        Ok(calls)
    }

    /// So many promised calls are sent now, or never.
    pub(super) fn keep(&mut self, calls: usize) {
        self.promised = self.promised.saturating_sub(calls);
    }

    fn most_at_once(&self) -> usize {
        let all = self.windows.iter().filter(|window| window.pace.of == Of::All);
        all.map(|window| window.pace.calls).min().unwrap_or(usize::MAX)
    }

    /// When the last of so many calls could be sent, if they were all sent as early as can be.
    fn when(&self, calls: usize, now: Time) -> Time {
        let mut trial = self.clone();
        // Whatever is on its way comes now.
        let on_their_way = trial.windows.iter_mut().flat_map(|window| window.sent.iter_mut());
        on_their_way.for_each(|sent| _ = sent.answered.get_or_insert(now));
        (0..calls).fold(now, |at, _| {
            let at = match trial.take("", false, at, 0) {
                Ok(at) => at,
                Err(later) => trial.take("", false, later, 0).unwrap_or(later),
            };
            trial.answered("", false, at, at);
            at
        })
    }

    /// A turn, whatever is promised.
    pub(super) fn take(
        &mut self,
        operation: &'static str,
        writes: bool,
        now: Time,
        patience: i64,
    ) -> Result<Time, Time> {
        let windows = self.windows.iter().filter(|window| window.pace.concerns(operation, writes));
        let windows = windows.map(|window| window.next(now));
        let spent = self.spent_until.get(operation).copied();
        let full = self.room.filter(|(left, until)| *left == 0 && *until > now).map(|(_, until)| until);
        let at = windows.chain(spent).chain(full).chain([self.closed_until]).fold(now, Time::max);
        if at > now.plus(patience) {
            return Err(at);
        }
        for window in self.windows.iter_mut().filter(|window| window.pace.concerns(operation, writes)) {
            window.take(at);
        }
        if let Some((left, _)) = self.room.as_mut().filter(|(_, until)| *until > at) {
            *left = left.saturating_sub(1);
        }
        Ok(at)
    }

    /// A call of `operation` that had its turn at a time has been answered.
    pub(super) fn answered(&mut self, operation: &'static str, writes: bool, at: Time, now: Time) {
        let windows = self.windows.iter_mut().filter(|window| window.pace.concerns(operation, writes));
        windows.for_each(|window| window.answered(at, now));
    }

    /// The vendor has said how much room there is. It may not have counted the calls that are under way still.
    pub(super) fn heard(&mut self, room: Room, under_way: u64, now: Time) {
        /// Within this, two ends are the same end, told twice.
        const SAME: i64 = 3 * SECOND;
        let (left, until) = (room.left.saturating_sub(under_way), now.plus(room.resets_in));
        self.room = Some(match self.room {
            // Answers overtake each other: of one period the least that was said counts.
            Some((known, same)) if now < same && (same.0 - until.0).abs() <= SAME => (known.min(left), same.max(until)),
            _ => (left, until),
        });
    }

    /// How many more may be sent now, as far as the vendor has said it.
    pub(super) fn left(&self, now: Time) -> Option<u64> {
        self.room.filter(|(_, until)| *until > now).map(|(left, _)| left)
    }

    /// Nothing is sent before a time.
    pub(super) fn close(&mut self, until: Time) {
        self.closed_until = self.closed_until.max(until);
    }

    /// Nothing of an operation is sent before a time.
    pub(super) fn spend(&mut self, operation: &'static str, until: Time) {
        let known = self.spent_until.entry(operation).or_default();
        *known = until.max(*known);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = Time(1_000_000 * SECOND);

    fn room(left: u64, seconds: i64) -> Room {
        Room { left, resets_in: seconds * SECOND }
    }

    fn per(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_burst_is_as_large_as_the_limit_and_the_next_one_a_period_later() {
        let mut pacer = Pacer::new(&[Pace::of_all(3, per(1))]);
        for _ in 0..3 {
            assert_eq!(pacer.turn("a", false, NOW, 0), Ok(NOW));
        }
        let next = NOW.plus(SECOND + SECOND / 20);
        assert_eq!(pacer.turn("a", false, NOW, 0), Err(next), "nobody waits who has no patience, and no turn is taken");
        assert_eq!(pacer.turn("a", false, NOW, 2 * SECOND), Ok(next));
    }

    #[test]
    fn a_call_counts_from_when_it_was_answered_for_nobody_knows_when_it_came() {
        let mut pacer = Pacer::new(&[Pace::of_all(1, per(60))]);
        let (minute, after) = (60 * SECOND + SECOND, |seconds| NOW.plus(seconds * SECOND));
        let turn = |pacer: &mut Pacer, now| pacer.turn("a", false, now, 0);
        assert_eq!(turn(&mut pacer, NOW), Ok(NOW));
        assert_eq!(turn(&mut pacer, after(2)), Err(after(2).plus(minute)), "it may come now");
        assert_eq!(
            turn(&mut pacer, after(50)),
            Err(after(5).plus(minute)),
            "it has come long since, and is not answered"
        );
        pacer.answered("a", false, NOW, after(3));
        assert_eq!(turn(&mut pacer, after(50)), Err(after(3).plus(minute)));
        assert_eq!(turn(&mut pacer, after(3).plus(minute)), Ok(after(3).plus(minute)));
    }

    #[test]
    fn a_limit_of_one_operation_leaves_the_others_alone() {
        let mut pacer = Pacer::new(&[Pace::of("check", 1, per(10)), Pace::of_all(20, per(1))]);
        assert_eq!(pacer.turn("check", false, NOW, 0), Ok(NOW));
        assert!(pacer.turn("check", false, NOW, 0).is_err());
        assert_eq!(pacer.turn("register", false, NOW, 0), Ok(NOW));
        pacer.spend("register", NOW.plus(60 * SECOND));
        assert_eq!(pacer.turn("register", false, NOW, 0), Err(NOW.plus(60 * SECOND)));
        assert_eq!(pacer.turn("renew", false, NOW, 0), Ok(NOW));
        pacer.close(NOW.plus(5 * SECOND));
        pacer.close(NOW.plus(SECOND));
        assert_eq!(pacer.turn("renew", false, NOW, 0), Err(NOW.plus(5 * SECOND)), "the later end counts");
    }

    #[test]
    fn a_limit_of_what_is_changed_lets_everybody_look() {
        let mut pacer = Pacer::new(&[Pace::of_writes(1, per(10))]);
        assert_eq!(pacer.turn("make", true, NOW, 0), Ok(NOW));
        assert!(pacer.turn("remove", true, NOW, 0).is_err());
        assert_eq!(pacer.turn("look", false, NOW, 0), Ok(NOW));
    }

    #[test]
    fn what_the_vendor_has_left_is_used_up_and_not_overdrawn() {
        let mut pacer = Pacer::new(&[]);
        pacer.heard(room(5, 30), 2, NOW);
        for _ in 0..3 {
            assert_eq!(pacer.turn("a", false, NOW, 0), Ok(NOW));
        }
        assert_eq!(pacer.turn("a", false, NOW, 0), Err(NOW.plus(30 * SECOND)));
        pacer.heard(room(4, 29), 0, NOW.plus(SECOND));
        assert!(
            pacer.turn("a", false, NOW.plus(SECOND), 0).is_err(),
            "an answer that was overtaken gives nothing back"
        );
        assert_eq!((pacer.left(NOW), pacer.left(NOW.plus(30 * SECOND))), (Some(0), None));
        assert!(pacer.turn("a", false, NOW.plus(30 * SECOND), 0).is_ok(), "what is over is over");
        pacer.heard(room(100, 3_600), 0, NOW.plus(SECOND));
        assert!(pacer.turn("a", false, NOW.plus(SECOND), 0).is_ok(), "another period is another period");
    }

    #[test]
    fn what_is_promised_is_left_until_it_is_sent_or_given_back() {
        let mut pacer = Pacer::new(&[Pace::of_all(4, per(1))]);
        let next = NOW.plus(SECOND + SECOND / 20);
        assert_eq!(pacer.promise(3, 0, NOW, 0), Ok(3));
        assert_eq!(pacer.turn("other", false, NOW, 0), Ok(NOW), "one is free");
        assert_eq!(pacer.turn("other", false, NOW, 0), Err(next));
        assert_eq!(pacer.promise(1, 0, NOW, 0), Err(next));
        pacer.keep(1);
        assert_eq!(pacer.take("own", true, NOW, 0), Ok(NOW));
        pacer.keep(2);
        assert_eq!(pacer.promise(2, 1, NOW, 0), Err(next), "room is left for whoever is let go first");
        assert_eq!(pacer.promise(2, 0, NOW, 0), Ok(2));
        let mut pacer = Pacer::new(&[Pace::of_all(4, per(1))]);
        assert_eq!(pacer.promise(100, 0, NOW, 0), Ok(4), "more than a limit has is never promised");
    }

    proptest! {
        #[test]
        fn no_window_of_any_beginning_holds_more_than_the_limit(
            calls in 1..8_usize, seconds in 1..20_u64, gaps in proptest::collection::vec(0..3 * SECOND, 1..200)
        ) {
            let mut pacer = Pacer::new(&[Pace::of_all(calls, per(seconds)), Pace::of("b", 1, per(2))]);
            let (mut now, mut sent) = (NOW, vec![]);
            for (n, gap) in gaps.into_iter().enumerate() {
                now = now.plus(gap);
                sent.extend(pacer.turn(if n % 3 == 0 { "b" } else { "a" }, false, now, 2 * SECOND).ok());
            }
            prop_assert!(!sent.is_empty() && sent.is_sorted());
            for window in sent.windows(calls + 1) {
                prop_assert!(window[calls].0 - window[0].0 >= i64::try_from(seconds).unwrap() * SECOND);
            }
        }

        #[test]
        fn no_window_has_more_than_the_limit_come_however_long_they_were_on_their_way(
            calls in 1..8_usize, seconds in 1..20_u64,
            gaps in proptest::collection::vec((0..SECOND, 0..ON_ITS_WAY), 1..200),
        ) {
            let mut pacer = Pacer::new(&[Pace::of_all(calls, per(seconds))]);
            let (mut now, mut on_their_way, mut came) = (NOW, vec![], vec![]);
            for (gap, way) in gaps {
                now = now.plus(gap);
                on_their_way.retain(|(at, comes)| {
                    if *comes <= now {
                        pacer.answered("a", false, *at, *comes);
                    }
                    *comes > now
                });
                if let Ok(at) = pacer.turn("a", false, now, 0) {
                    on_their_way.push((at, at.plus(way)));
                    came.push(at.plus(way));
                }
            }
            came.sort();
            for window in came.windows(calls + 1) {
                prop_assert!(window[calls].0 - window[0].0 >= i64::try_from(seconds).unwrap() * SECOND);
            }
        }

        #[test]
        fn whoever_comes_when_told_is_promised_as_much(calls in 2..5_usize, before in 1..20_usize) {
            let mut pacer = Pacer::new(&[Pace::of_all(calls, per(3)), Pace::of_all(2 * calls + 1, per(60))]);
            let mut now = NOW;
            for _ in 0..before {
                if let Err(at) = pacer.promise(2, 0, now, 0) {
                    now = at;
                    prop_assert_eq!(pacer.promise(2, 0, now, 0), Ok(2));
                }
                for _ in 0..2 {
                    pacer.keep(1);
                    prop_assert_eq!(pacer.take("a", false, now, 0), Ok(now), "a promise is kept");
                    pacer.answered("a", false, now, now);
                }
            }
        }

        #[test]
        fn whoever_comes_when_told_is_let_through(calls in 1..5_usize, before in 1..20_usize) {
            let mut pacer = Pacer::new(&[Pace::of_all(calls, per(3))]);
            let mut now = NOW;
            for _ in 0..before {
                if let Err(at) = pacer.turn("a", false, now, 0) {
                    now = at;
                    prop_assert_eq!(pacer.turn("a", false, now, 0), Ok(at));
                }
                pacer.answered("a", false, now, now);
            }
        }
    }
}
