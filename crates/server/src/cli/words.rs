//! How times and places are told to people.

use model::clock::{DAY, HOUR, MINUTE, SECOND, Time};
use model::timeline::{Estimate, Standing, standing};
use model::view::{Timeline, TimelineRun, TimelineStep, TimelineStepState, TimelineWho};

/// A length of time, rounded to what matters.
pub(super) fn span(micros: i64) -> String {
    let micros = micros.max(0);
    let rounded = |unit: i64| (micros + unit / 2) / unit;
    if micros < 10 * SECOND {
        format!("{}.{} s", micros / SECOND, micros % SECOND * 10 / SECOND)
    } else if micros < 90 * SECOND {
        format!("{} s", rounded(SECOND))
    } else if micros < 90 * MINUTE {
        format!("{} min", rounded(MINUTE))
    } else if micros < 36 * HOUR {
        format!("{} h", rounded(HOUR))
    } else {
        format!("{} days", rounded(DAY))
    }
}

/// How far ahead a time is.
pub(super) fn ahead(time: Time, now: Time) -> String {
    let micros = time.0 - now.0;
    if micros <= 0 { "now".into() } else { format!("in {}", span(micros)) }
}

/// How long ago a time was.
pub(super) fn ago(time: Time, now: Time) -> String {
    let micros = now.0 - time.0;
    if micros < SECOND { "just now".into() } else { format!("{} ago", span(micros)) }
}

/// The time of day.
pub(super) fn clock(time: Time) -> String {
    time.to_string().chars().skip(11).take(8).collect()
}

/// When an order will be done; `None` when that is not known, or when it is.
pub(super) fn expected(timeline: &Timeline, now: Time) -> Option<String> {
    let waits_for = |party| timeline.domains.iter().any(|domain| standing(domain).0 == party);
    if waits_for(Standing::Operator) {
        return Some("when the operator has acted".into());
    }
    if waits_for(Standing::Partner) {
        return Some("when the partner has acted".into());
    }
    timeline.estimate.map(|estimate| going_by(estimate, now))
}

fn going_by(estimate: Estimate, now: Time) -> String {
    let (middle, tail) = (ahead(estimate.p50_at, now), ahead(estimate.p90_at, now));
    match middle == tail {
        true => format!("done {middle}"),
        false => format!("done {middle}, or {tail} if it is slow"),
    }
}

/// Where an order is, in one sentence.
pub(super) fn summary(timeline: &Timeline) -> String {
    let stands: Vec<_> = timeline.domains.iter().map(|domain| standing(domain).0).collect();
    let count = |wanted| stands.iter().filter(|standing| **standing == wanted).count();
    let total = stands.len();
    let head = match (count(Standing::Active), total) {
        (1, 1) => "its domain is active".to_owned(),
        (0, 1) => String::new(),
        (active, _) if active == total => format!("all {total} domains are active"),
        (1, _) => format!("1 of {total} domains is active"),
        (active, _) => format!("{active} of {total} domains are active"),
    };
    let parts = [
        (Standing::Operator, "waits for the operator", "wait for the operator"),
        (Standing::Partner, "waits for the partner", "wait for the partner"),
        (Standing::Provider, "waits for a provider", "wait for a provider"),
        (Standing::AtWork, "is being worked on", "are being worked on"),
        (Standing::Failed, "was given up", "were given up"),
        (Standing::Gone, "has left the order", "have left the order"),
    ];
    let told = parts.iter().filter_map(|(standing, one, many)| match count(*standing) {
        0 => None,
        1 if total == 1 => Some(format!("its domain {one}")),
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    });
    Some(head).filter(|head| !head.is_empty()).into_iter().chain(told).collect::<Vec<_>>().join(", ")
}

/// Where a run is, in a few words.
pub(super) fn place(run: &TimelineRun, now: Time) -> String {
    let Some(step) = run.current() else { return "not begun".into() };
    match (step.state, run.finished_at) {
        (TimelineStepState::Waiting, _) if step.who == Some(TimelineWho::Provider) => {
            let again = step.next_try_at.map(|at| format!(": again {}", ahead(at, now)));
            format!("{}{}", step.title, again.unwrap_or_default())
        }
        (TimelineStepState::Done, Some(at)) => format!("done in {}", span(at.0 - run.began_at().0)),
        _ => whose_turn(step),
    }
}

/// The step that a run is at, and whose turn it is when that is a person's.
pub(super) fn whose_turn(step: &TimelineStep) -> String {
    let title = &step.title;
    match (step.who, step.state) {
        (Some(TimelineWho::Partner), _) => format!("{title}: the partner has to act"),
        (Some(TimelineWho::Operator), _) => format!("{title}: the operator has to act"),
        (_, TimelineStepState::Failed) => format!("{title}: failed"),
        _ => title.clone(),
    }
}

/// What has been tried, and when it is tried again.
pub(super) fn tries(step: &TimelineStep, now: Time) -> String {
    let tried = match step.attempts {
        0 => None,
        1 => Some("tried once".to_owned()),
        count => Some(format!("tried {count} times")),
    };
    let again = step.next_try_at.map(|at| format!("looked at again {}", ahead(at, now)));
    tried.into_iter().chain(again).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_rounded_to_what_matters() {
        for (micros, text) in [
            (-5, "0.0 s"),
            (40_000, "0.0 s"),
            (420_000, "0.4 s"),
            (1_250_000, "1.2 s"),
            (42 * SECOND, "42 s"),
            (89 * SECOND, "89 s"),
            (10 * MINUTE, "10 min"),
            (100 * MINUTE, "2 h"),
            (35 * HOUR, "35 h"),
            (3 * DAY, "3 days"),
        ] {
            assert_eq!(span(micros), text);
        }
    }

    #[test]
    fn times_are_told_from_here() {
        let now = Time::parse("2026-05-08T12:00:00Z").expect("a time");
        assert_eq!((ahead(now, now), ahead(now.plus(5 * MINUTE), now)), ("now".into(), "in 5 min".into()));
        assert_eq!((ago(now, now), ago(now.plus(-20 * SECOND), now)), ("just now".into(), "20 s ago".into()));
        assert_eq!(clock(now), "12:00:00");
        let estimate = |p50, p90| Estimate { p50_at: now.plus(p50), p90_at: now.plus(p90) };
        assert_eq!(going_by(estimate(0, 0), now), "done now");
        assert_eq!(going_by(estimate(20 * SECOND, MINUTE), now), "done in 20 s, or in 60 s if it is slow");
    }
}
