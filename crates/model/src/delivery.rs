//! Webhook endpoints, deliveries, and the decision after each attempt.

use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::clock::{DAY, HOUR, MINUTE, SECOND, Time};
use crate::event::EventKind;
use crate::id::{DeliveryId, EndpointId, EventId, PartnerId};
use crate::secret::Secret;
use crate::world::{Environment, World};

/// Where a partner wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Whose.
    pub partner: PartnerId,
    /// Which environment's events it gets.
    pub environment: Environment,
    /// Its address.
    pub url: String,
    /// Which events it gets; `None` is all published ones.
    pub events: Option<Vec<EventKind>>,
    /// Whether it gets any.
    pub active: bool,
    /// Whether the command line set it; there is at most one such endpoint.
    pub from_cli: bool,
    /// What deliveries are signed with.
    pub secret: Secret,
    /// What they are also signed with while a rotation overlaps.
    pub old_secret: Option<Secret>,
    /// When the overlap ends, server time.
    pub old_secret_until: Option<Time>,
    /// Since when every attempt has failed, server time.
    pub failing_since: Option<Time>,
    /// When it was made, server time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

impl Endpoint {
    /// Whether it is told of this kind of event.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        let listed = self.events.as_ref().map_or(kind.published(), |kinds| kinds.contains(&kind));
        self.active && (listed || kind == EventKind::WebhookTest)
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world the event happened.
    pub world: World,
    /// What is told.
    pub event: EventId,
    /// To whom.
    pub endpoint: EndpointId,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Every attempt so far.
    pub attempts: Vec<Attempt>,
    /// When the next attempt is due, server time.
    pub next_attempt_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DeliveryStatus {
    Pending,
    Delivered,
    Failed,
}

impl DeliveryStatus {
    /// The name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Failed].into_iter().find(|one| one.as_str() == text)
    }
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was made, server time.
    pub at: Time,
    /// The answer's status.
    pub status_code: Option<u16>,
    /// How long it took.
    pub duration_ms: i64,
    /// The first KiB of the answer.
    pub response: Option<String>,
    /// Why there was no answer.
    pub error: Option<String>,
}

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

/// What follows an attempt.
#[derive(Debug)]
pub struct Settled {
    /// The rows to write.
    pub change: Change,
    /// When to try again, server time; `None` when there is nothing left to do.
    pub again_at: Option<Time>,
}

/// Decides what follows an attempt: 2xx is success, `410` disables the endpoint, everything else is
/// tried again on the schedule, up to 10 % later by `fraction` (0..1) and never past [`SPAN`].
#[must_use]
pub fn settle(
    delivery: &Delivery,
    endpoint: &Endpoint,
    attempt: Attempt,
    retry_after_seconds: Option<u64>,
    now: Time,
    fraction: f64,
) -> Settled {
    let delivered = attempt.status_code.is_some_and(|code| (200..300).contains(&code));
    let gone = attempt.status_code == Some(410);
    let mut delivery = delivery.clone();
    delivery.attempts.push(attempt);
    let again_at =
        if delivered || gone { None } else { next_attempt(&delivery.attempts, retry_after_seconds, now, fraction) };
    delivery.next_attempt_at = again_at;
    delivery.status = match (delivered, again_at) {
        (true, _) => DeliveryStatus::Delivered,
        (false, Some(_)) => DeliveryStatus::Pending,
        (false, None) => DeliveryStatus::Failed,
    };
    let mut change = Change::default();
    change.deliveries.update.push(delivery);
    if let Some(endpoint) = endpoint_after(endpoint, delivered, gone, now) {
        change.endpoints.update.push(endpoint);
    }
    Settled { change, again_at }
}

/// Decides about a delivery whose endpoint no longer takes any: it is kept as failed.
#[must_use]
pub fn abandon(delivery: &Delivery) -> Change {
    let mut change = Change::default();
    change.deliveries.update.push(Delivery {
        status: DeliveryStatus::Failed,
        next_attempt_at: None,
        ..delivery.clone()
    });
    change
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

fn endpoint_after(endpoint: &Endpoint, delivered: bool, gone: bool, now: Time) -> Option<Endpoint> {
    let failing_since = if delivered { None } else { endpoint.failing_since.or(Some(now)) };
    let worn_out = failing_since.is_some_and(|since| now >= since.plus(PATIENCE));
    let after = Endpoint { failing_since, active: endpoint.active && !gone && !worn_out, ..endpoint.clone() };
    (after != *endpoint).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;

    fn endpoint() -> Endpoint {
        Endpoint {
            id: EndpointId::opaque("whe_1"),
            partner: PartnerId::opaque("org_1"),
            environment: Environment::Test,
            url: "https://example.com".into(),
            events: None,
            active: true,
            from_cli: true,
            secret: Secret::plain("whsec_x"),
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            created_at: Time(0),
            version: 1,
        }
    }

    fn delivery() -> Delivery {
        Delivery {
            id: DeliveryId::opaque("dlv_1"),
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            event: EventId::opaque("evt_1"),
            endpoint: EndpointId::opaque("whe_1"),
            status: DeliveryStatus::Pending,
            attempts: vec![],
            next_attempt_at: None,
            version: 1,
        }
    }

    fn attempt(at: Time, status_code: Option<u16>) -> Attempt {
        Attempt { at, status_code, duration_ms: 3, response: None, error: None }
    }

    fn run_dry(fraction: f64) -> Vec<i64> {
        let (mut now, mut delivery, mut seen) = (Time(0), delivery(), vec![]);
        loop {
            let settled = settle(&delivery, &endpoint(), attempt(now, Some(500)), None, now, fraction);
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
        let settled = settle(&delivery(), &failing, attempt(Time(0), Some(204)), None, Time(0), 0.5);
        assert_eq!(settled.again_at, None);
        assert_eq!(settled.change.deliveries.update[0].status, DeliveryStatus::Delivered);
        assert_eq!(settled.change.endpoints.update[0].failing_since, None);
    }

    #[test]
    fn gone_disables_the_endpoint_at_once() {
        let settled = settle(&delivery(), &endpoint(), attempt(Time(0), Some(410)), None, Time(0), 0.5);
        assert_eq!(settled.again_at, None);
        assert!(!settled.change.endpoints.update[0].active);
    }

    #[test]
    fn a_redirect_is_a_failure() {
        let settled = settle(&delivery(), &endpoint(), attempt(Time(0), Some(302)), None, Time(0), 0.0);
        assert_eq!(settled.again_at, Some(Time(MINUTE)));
    }

    #[test]
    fn retry_after_is_honoured_within_the_span() {
        let ask = |seconds| {
            settle(&delivery(), &endpoint(), attempt(Time(0), Some(429)), Some(seconds), Time(0), 0.0).again_at
        };
        assert_eq!(ask(600), Some(Time(600 * SECOND)));
        assert_eq!(ask(5), Some(Time(MINUTE)));
        assert_eq!(ask(u64::MAX), Some(Time(SPAN)));
    }

    #[test]
    fn three_days_of_failure_disable_the_endpoint() {
        let failing = Endpoint { failing_since: Some(Time(0)), ..endpoint() };
        let at = Time(PATIENCE);
        let settled = settle(&delivery(), &failing, attempt(at, None), None, at, 0.0);
        assert!(!settled.change.endpoints.update[0].active);
    }

    #[test]
    fn our_own_events_are_opt_in() {
        assert!(endpoint().wants(EventKind::OrderCompleted));
        assert!(!endpoint().wants(EventKind::InboxLinked));
        let opted = Endpoint { events: Some(vec![EventKind::InboxLinked]), ..endpoint() };
        assert!(opted.wants(EventKind::InboxLinked) && !opted.wants(EventKind::OrderCompleted));
        assert!(!Endpoint { active: false, ..endpoint() }.wants(EventKind::OrderCompleted));
    }
}
