//! When an order will be done, going by how long it took for others.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::run::{Run, RunKind};

/// How many finished runs an estimate is made from at most: the newest.
pub const NEWEST_RUNS: i64 = 200;

/// How many finished runs an estimate needs at least.
pub const FEWEST_RUNS: usize = 5;

/// When an order's domains will work, going by the newest ones that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Estimate {
    /// When it will be done if its domains take as long as the middle one of those before them.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:04Z")]
    pub p50_at: Time,
    /// When it will be done if they take longer than nine of ten of those before them.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:09Z")]
    pub p90_at: Time,
}

/// When the last open provisioning run of `runs` will have ended; `history` are the durations of finished
/// ones in microseconds, in any order. `None` when nothing is left to provision, or too little is known.
///
/// No end lies in the past, or before the run is even looked at again.
#[must_use]
pub fn estimate(history: &[i64], runs: &[Run], now: Time) -> Option<Estimate> {
    if history.len() < FEWEST_RUNS {
        return None;
    }
    let mut durations = history.to_vec();
    durations.sort_unstable();
    let open = || runs.iter().filter(|run| run.kind == RunKind::Provision && run.is_live());
    let last_end = |percent| {
        let duration = percentile(&durations, percent);
        open().map(|run| run.created_at.plus(duration).max(earliest_end(run, now))).max()
    };
    Some(Estimate { p50_at: last_end(50)?, p90_at: last_end(90)? })
}

fn earliest_end(run: &Run, now: Time) -> Time {
    let next_try = run.steps.iter().find(|record| record.step == run.step).and_then(|record| record.next_try_at);
    next_try.map_or(now, |at| at.max(now))
}

/// The smallest of some sorted numbers that at least so many percent of them do not exceed (nearest rank).
fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{Now, SECOND};
    use crate::domain::{Domain, DomainName, Source};
    use crate::id::{Id, PartnerId, RunId};
    use crate::run::{RunState, StepRecord, StepState};
    use crate::world::{Scope, World};

    fn at(seconds: i64) -> Time {
        Time(seconds * SECOND)
    }

    fn run(created_at: Time, state: RunState) -> Run {
        let scope = Scope { partner: PartnerId::opaque("org_1"), world: World::live() };
        let domain = Domain::new(Id::opaque("dom_1"), &scope, DomainName::stored("acme.com"), Source::Registrar, at(0));
        let now = Now { server: created_at, offset: 0 };
        Run { state, ..Run::new(RunId::opaque("run_1"), RunKind::Provision, &domain, now) }
    }

    fn seconds(history: &[i64]) -> Vec<i64> {
        history.iter().map(|seconds| seconds * SECOND).collect()
    }

    fn expected(history: &[i64], runs: &[Run], now: i64) -> Option<(i64, i64)> {
        estimate(&seconds(history), runs, at(now)).map(|it| (it.p50_at.seconds(), it.p90_at.seconds()))
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let ten: Vec<_> = (1..=10).collect();
        assert_eq!((percentile(&ten, 50), percentile(&ten, 90), percentile(&ten, 100)), (5, 9, 10));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 90)), (7, 7));
        assert_eq!((percentile(&[1, 2, 3, 4, 5], 50), percentile(&[1, 2, 3, 4, 5], 90)), (3, 5));
    }

    #[test]
    fn the_last_domain_decides_and_no_end_is_in_the_past() {
        let history = [9, 1, 5, 3, 7];
        let early = run(at(100), RunState::Open);
        let late = run(at(110), RunState::Asking);
        assert_eq!(expected(&history, std::slice::from_ref(&early), 100), Some((105, 109)));
        assert_eq!(expected(&history, &[early.clone(), late], 101), Some((115, 119)));
        assert_eq!(expected(&history, std::slice::from_ref(&early), 107), Some((107, 109)));
        assert_eq!(expected(&history, &[early], 500), Some((500, 500)));
    }

    #[test]
    fn nothing_left_or_little_known_gives_none() {
        let open = [run(at(100), RunState::Open)];
        assert_eq!(expected(&[1, 2, 3, 4], &open, 100), None);
        assert_eq!(expected(&[], &open, 100), None);
        let ended = [run(at(100), RunState::Done), run(at(100), RunState::Failed)];
        assert_eq!(expected(&[1, 2, 3, 4, 5], &ended, 100), None);
        assert_eq!(expected(&[1, 2, 3, 4, 5], &[], 100), None);
    }

    #[test]
    fn a_run_does_not_end_before_it_is_looked_at_again() {
        let mut waiting = run(at(100), RunState::Open);
        waiting.steps.push(StepRecord {
            step: waiting.step,
            state: StepState::Waiting,
            started_at: at(100),
            finished_at: None,
            attempts: 1,
            trouble: None,
            who: None,
            next_try_at: Some(at(600)),
        });
        assert_eq!(expected(&[1, 2, 3, 4, 5], &[waiting], 101), Some((600, 600)));
    }

    proptest! {
        #[test]
        fn the_middle_is_never_after_the_tail_nor_in_the_past(
            history in prop::collection::vec(0..10_000_000_i64, 5..250),
            begun in prop::collection::vec(0..10_000_000_i64, 1..20),
            now in 0..20_000_000_i64,
        ) {
            let runs: Vec<_> = begun.into_iter().map(|micros| run(Time(micros), RunState::Open)).collect();
            let estimate = estimate(&history, &runs, Time(now)).expect("something is known");
            prop_assert!(Time(now) <= estimate.p50_at && estimate.p50_at <= estimate.p90_at);
            let slowest = history.iter().max().copied().unwrap_or(0);
            let last = runs.iter().map(|run| run.created_at).max().unwrap_or_default();
            prop_assert!(estimate.p90_at <= last.plus(slowest).max(Time(now)));
        }
    }
}
