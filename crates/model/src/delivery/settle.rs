//! What follows an attempt.

use super::{Attempt, Delivery, DeliveryStatus, DisabledReason, Endpoint};
use crate::change::Change;
use crate::clock::{DAY, HOUR, MINUTE, SECOND, Time};

/// Attempts before a delivery counts as failed.
pub const ATTEMPTS: usize = 5;

/// The longest time from the first attempt to the last, in microseconds.
pub const SPAN: i64 = DAY;

/// How long one attempt may take, in microseconds.
pub const TIMEOUT: i64 = 15 * SECOND;

/// How long an endpoint may fail before it is disabled, in microseconds.
pub const PATIENCE: i64 = 3 * DAY;

/// From one attempt to the next, in microseconds: +1 min, +10 min, +2 h, +22 h after the first.
const GAPS: [i64; ATTEMPTS - 1] = [MINUTE, 9 * MINUTE, 110 * MINUTE, 20 * HOUR];

/// What an attempt found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The attempt.
    pub attempt: Attempt,
    /// The address that was asked.
    pub url: String,
    /// How long it wants to be left alone.
    pub retry_after_seconds: Option<u64>,
}

/// What follows an attempt.
#[derive(Debug, Default)]
pub struct Settled {
    /// The rows to write.
    pub change: Change,
    /// When to try again, partner time; `None` when there is nothing left to do.
    pub again_at: Option<Time>,
    /// Why the endpoint gets nothing from now on, when that was decided here.
    pub disabled: Option<DisabledReason>,
}

/// Decides what follows an attempt: 2xx is success, `410` disables the endpoint, everything else is
/// tried again on the schedule, up to 10 % later by `fraction` (0..1) and never past [`SPAN`]. All times are
/// partner time, so that the test clock moves the whole schedule.
#[must_use]
pub fn settle(delivery: &Delivery, endpoint: &Endpoint, tried: &Tried, now: Time, fraction: f64) -> Settled {
    let delivered = tried.attempt.status_code.is_some_and(|code| (200..300).contains(&code));
    let after = endpoint_after(endpoint, tried, delivered, now);
    let mut delivery = delivery.clone();
    delivery.attempts.push(tried.attempt.clone());
    let again_at = match delivered || delivery.by_hand || !after.is_active() {
        true => None,
        false => next_attempt(&delivery.attempts, tried.retry_after_seconds, now, fraction),
    };
    delivery.by_hand = false;
    delivery.next_attempt_at = again_at;
    delivery.status = match (delivered, again_at) {
        (true, _) => DeliveryStatus::Delivered,
        (false, Some(_)) => DeliveryStatus::Pending,
        (false, None) => DeliveryStatus::Failed,
    };
    let mut change = Change::default();
    change.deliveries.update.push(delivery);
    let disabled = after.disabled.filter(|_| endpoint.is_active());
    if after != *endpoint {
        change.endpoints.update.push(after);
    }
    Settled { change, again_at, disabled }
}

/// Decides about a delivery whose endpoint no longer takes any: it is kept as failed, and can be sent by hand.
#[must_use]
pub fn abandon(delivery: &Delivery) -> Settled {
    let failed = Delivery { status: DeliveryStatus::Failed, next_attempt_at: None, by_hand: false, ..delivery.clone() };
    let mut settled = Settled::default();
    settled.change.deliveries.update.push(failed);
    settled
}

fn next_attempt(attempts: &[Attempt], retry_after_seconds: Option<u64>, now: Time, fraction: f64) -> Option<Time> {
    let gap = *GAPS.get(attempts.len().checked_sub(1)?)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "at most two hours")]
    let jitter = (gap as f64 * 0.1 * fraction) as i64;
    let asked =
        retry_after_seconds.map_or(0, |seconds| i64::try_from(seconds).unwrap_or(SPAN).min(SPAN / SECOND) * SECOND);
    let last = attempts.first()?.at.plus(SPAN);
    // After a day of downtime, or a long Retry-After, nothing is left to try within the span.
    (now < last).then(|| now.plus((gap + jitter).max(asked)).min(last))
}

fn endpoint_after(endpoint: &Endpoint, tried: &Tried, delivered: bool, now: Time) -> Endpoint {
    if tried.url != endpoint.url {
        // What an address that was replaced meanwhile answers says nothing about the new one.
        return endpoint.clone();
    }
    // A sandbox that was reset may have set its clock back.
    let since = endpoint.failing_since.map_or(now, |since| since.min(now));
    let worn_out = !delivered && now >= since.plus(PATIENCE);
    let disabled = endpoint.disabled.or(match (tried.attempt.status_code, worn_out) {
        (Some(410), _) => Some(DisabledReason::Gone),
        (_, true) => Some(DisabledReason::Failing),
        (_, false) => None,
    });
    Endpoint { failing_since: (!delivered).then_some(since), disabled, ..endpoint.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{delivery, endpoint};
    use super::*;

    fn attempt(at: Time, status_code: Option<u16>) -> Attempt {
        Attempt { at, status_code, duration_ms: 3, response: None, error: None }
    }

    fn tried(at: Time, status_code: Option<u16>) -> Tried {
        Tried { attempt: attempt(at, status_code), url: endpoint().url, retry_after_seconds: None }
    }

    fn run_dry(fraction: f64) -> Vec<i64> {
        let (mut now, mut delivery, mut seen) = (Time(0), delivery(), vec![]);
        loop {
            let settled = settle(&delivery, &endpoint(), &tried(now, Some(500)), now, fraction);
            delivery = settled.change.deliveries.update[0].clone();
            seen.push(now.0 / MINUTE);
            match settled.again_at {
                Some(at) => now = at,
                None => break,
            }
        }
        assert_eq!(delivery.status, DeliveryStatus::Failed);
        seen
    }

    #[test]
    fn five_attempts_in_a_day() {
        assert_eq!(run_dry(0.0), [0, 1, 10, 120, 1320]);
        let latest = run_dry(0.999_999);
        assert_eq!(latest.len(), ATTEMPTS);
        assert!(latest[4] <= 1440, "{latest:?}");
    }

    #[test]
    fn success_ends_it_and_clears_the_endpoint() {
        let failing = Endpoint { failing_since: Some(Time(1)), ..endpoint() };
        let settled = settle(&delivery(), &failing, &tried(Time(0), Some(204)), Time(0), 0.5);
        assert_eq!(settled.again_at, None);
        assert_eq!(settled.change.deliveries.update[0].status, DeliveryStatus::Delivered);
        assert_eq!(settled.change.endpoints.update[0].failing_since, None);
    }

    #[test]
    fn gone_disables_the_endpoint_at_once() {
        let settled = settle(&delivery(), &endpoint(), &tried(Time(0), Some(410)), Time(0), 0.5);
        assert_eq!(settled.again_at, None);
        assert_eq!(settled.change.endpoints.update[0].disabled, Some(DisabledReason::Gone));
        assert_eq!(settled.disabled, Some(DisabledReason::Gone));
    }

    #[test]
    fn an_address_that_was_replaced_says_nothing_about_the_new_one() {
        let moved = Endpoint { url: "https://new.example.com".into(), ..endpoint() };
        let settled = settle(&delivery(), &moved, &tried(Time(0), Some(410)), Time(0), 0.0);
        assert_eq!((settled.again_at, settled.change.endpoints.update.len()), (Some(Time(MINUTE)), 0));
    }

    #[test]
    fn an_attempt_by_hand_is_the_only_one() {
        let before: Vec<_> = (0..3).map(|n| attempt(Time(n), Some(500))).collect();
        let asked = Delivery { attempts: before, by_hand: true, ..delivery() };
        let settled = settle(&asked, &endpoint(), &tried(Time(9), Some(500)), Time(9), 0.0);
        let after = &settled.change.deliveries.update[0];
        assert_eq!((settled.again_at, after.status, after.by_hand), (None, DeliveryStatus::Failed, false));
        let settled = settle(&asked, &endpoint(), &tried(Time(9), Some(200)), Time(9), 0.0);
        assert_eq!(settled.change.deliveries.update[0].status, DeliveryStatus::Delivered);
    }

    #[test]
    fn a_redirect_is_a_failure() {
        let settled = settle(&delivery(), &endpoint(), &tried(Time(0), Some(302)), Time(0), 0.0);
        assert_eq!(settled.again_at, Some(Time(MINUTE)));
    }

    #[test]
    fn retry_after_is_honoured_within_the_span() {
        let ask = |seconds| {
            let tried = Tried { retry_after_seconds: Some(seconds), ..tried(Time(0), Some(429)) };
            settle(&delivery(), &endpoint(), &tried, Time(0), 0.0).again_at
        };
        assert_eq!(ask(600), Some(Time(600 * SECOND)));
        assert_eq!(ask(5), Some(Time(MINUTE)));
        assert_eq!(ask(u64::MAX), Some(Time(SPAN)));
        assert_eq!(ask(0), Some(Time(MINUTE)), "a time that is past is as good as none");
        for (now, wait) in [(Time(23 * HOUR), 7_200), (Time(SPAN - 1), u64::MAX), (Time(HOUR), 86_400)] {
            let before = Delivery { attempts: vec![attempt(Time(0), Some(503))], ..delivery() };
            let tried = Tried { retry_after_seconds: Some(wait), ..tried(now, Some(503)) };
            let again_at = settle(&before, &endpoint(), &tried, now, 0.9).again_at;
            assert_eq!(again_at, Some(Time(SPAN)), "{wait} s at {now:?} are cut to the span");
        }
    }

    #[test]
    fn three_days_of_failure_disable_the_endpoint() {
        let failing = Endpoint { failing_since: Some(Time(0)), ..endpoint() };
        let at = Time(PATIENCE);
        let settled = settle(&delivery(), &failing, &tried(at, None), at, 0.0);
        assert_eq!(settled.change.endpoints.update[0].disabled, Some(DisabledReason::Failing));
        assert_eq!(settled.change.deliveries.update[0].status, DeliveryStatus::Failed);
        let early = settle(&delivery(), &failing, &tried(at.plus(-1), None), at.plus(-1), 0.0);
        assert_eq!((early.change.endpoints.update.len(), early.disabled), (0, None));
        let ahead = Endpoint { failing_since: Some(Time(DAY)), ..endpoint() };
        let back = settle(&delivery(), &ahead, &tried(Time(0), None), Time(0), 0.0);
        assert_eq!(back.change.endpoints.update[0].failing_since, Some(Time(0)));
    }
}
