//! "This account does not answer: ask it again in a while."
//!
//! A vendor that is down must not take every caller's time to say so. After some calls without an answer nobody asks; after
//! a while one call is let through, and what comes of it decides for all.

use model::clock::{MINUTE, SECOND, Time};

/// As many calls in a row without an answer.
const FAILURES: u32 = 5;
/// How long nobody asks at first, in microseconds. It doubles with every call that was let through in vain.
const FIRST: i64 = 30 * SECOND;
/// The longest that nobody asks.
const LONGEST: i64 = 10 * MINUTE;

/// Whether an account is asked.
#[derive(Debug)]
pub(crate) struct Breaker {
    state: State,
    /// How often the state has changed: what was sent before a change says nothing bad about what came after.
    turn: u64,
}

#[derive(Debug)]
enum State {
    Asked { failures: u32 },
    Silent { until: Time, pause: i64 },
    Probed { pause: i64 },
}

/// A call that was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass(u64);

impl Breaker {
    pub(crate) const fn new() -> Self {
        Self { state: State::Asked { failures: 0 }, turn: 0 }
    }

    /// Whether nobody is to ask now, a call that finds out apart.
    pub(crate) const fn is_silent(&self) -> bool {
        !matches!(self.state, State::Asked { .. })
    }

    /// Whether a call would be let through.
    pub(crate) fn would_let(&self, now: Time) -> bool {
        match self.state {
            State::Asked { .. } => true,
            State::Silent { until, .. } => now >= until,
            State::Probed { .. } => false,
        }
    }

    /// Lets a call through, or not. Whoever is let through says what came of it.
    pub(crate) fn let_through(&mut self, now: Time) -> Option<Pass> {
        if !self.would_let(now) {
            return None;
        }
        if let State::Silent { pause, .. } = self.state {
            self.enter(State::Probed { pause });
        }
        Some(Pass(self.turn))
    }

    /// There was an answer, whenever it was asked for.
    pub(crate) fn answered(&mut self) {
        match self.state {
            State::Asked { failures: 0 } => {}
            State::Asked { .. } => self.state = State::Asked { failures: 0 },
            State::Silent { .. } | State::Probed { .. } => self.enter(State::Asked { failures: 0 }),
        }
    }

    /// There was none.
    pub(crate) fn failed(&mut self, pass: Pass, now: Time) {
        if pass.0 != self.turn {
            return;
        }
        match self.state {
            State::Asked { failures } if failures + 1 < FAILURES => {
                self.state = State::Asked { failures: failures + 1 };
            }
            State::Asked { .. } => self.enter(State::Silent { until: now.plus(FIRST), pause: FIRST }),
            State::Probed { pause } => {
                let pause = pause.saturating_mul(2).min(LONGEST);
                self.enter(State::Silent { until: now.plus(pause), pause });
            }
            State::Silent { .. } => {}
        }
    }

    /// Nothing was learnt: this machine could not ask. The next one may.
    pub(crate) fn learnt_nothing(&mut self, pass: Pass, now: Time) {
        if let State::Probed { pause } = self.state
            && pass.0 == self.turn
        {
            self.enter(State::Silent { until: now, pause });
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.turn += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fail(breaker: &mut Breaker, now: Time, times: u32) {
        for _ in 0..times {
            let pass = breaker.let_through(now).expect("let through");
            breaker.failed(pass, now);
        }
    }

    #[test]
    fn nobody_asks_who_does_not_answer_until_one_finds_out() {
        let (mut breaker, mut now) = (Breaker::new(), Time(0));
        fail(&mut breaker, now, FAILURES - 1);
        breaker.answered();
        fail(&mut breaker, now, FAILURES);
        assert!(breaker.is_silent() && breaker.let_through(now.plus(FIRST - 1)).is_none());
        now = now.plus(FIRST);
        let probe = breaker.let_through(now).expect("one call");
        assert!(breaker.let_through(now).is_none(), "only one");
        breaker.failed(probe, now);
        assert!(breaker.let_through(now.plus(FIRST)).is_none(), "twice as long");
        now = now.plus(2 * FIRST);
        assert!(breaker.let_through(now).is_some());
        breaker.answered();
        assert!(!breaker.is_silent() && breaker.let_through(now).is_some() && breaker.let_through(now).is_some());
    }

    #[test]
    fn an_old_failure_says_nothing_and_an_old_answer_does() {
        let (mut breaker, now) = (Breaker::new(), Time(0));
        let old = breaker.let_through(now).expect("let through");
        fail(&mut breaker, now, FAILURES);
        breaker.failed(old, now);
        let now = now.plus(FIRST);
        let probe = breaker.let_through(now).expect("one call");
        breaker.failed(old, now);
        assert!(breaker.let_through(now).is_none(), "the call that finds out is still under way");
        breaker.learnt_nothing(probe, now);
        let probe = breaker.let_through(now).expect("the next one finds out");
        breaker.answered();
        assert!(!breaker.is_silent());
        breaker.failed(probe, now);
        assert!(!breaker.is_silent() && breaker.let_through(now).is_some());
    }

    proptest! {
        #[test]
        fn it_is_asked_again_at_the_latest_after_the_longest_pause(what in proptest::collection::vec((0..4_u8, 0..LONGEST), 0..80)) {
            let (mut breaker, mut now, mut passes) = (Breaker::new(), Time(0), vec![]);
            for (what, passed) in what {
                now = now.plus(passed);
                let pass = if what == 0 { None } else { passes.pop() };
                match (what, pass) {
                    (0, _) => passes.extend(breaker.let_through(now)),
                    (1, Some(pass)) => breaker.failed(pass, now),
                    (2, Some(_)) => breaker.answered(),
                    (_, Some(pass)) => breaker.learnt_nothing(pass, now),
                    (_, None) => {}
                }
            }
            for pass in passes {
                breaker.failed(pass, now);
            }
            prop_assert!(breaker.would_let(now.plus(LONGEST)));
        }
    }
}
