//! Decisions about sending something again.

use super::endpoint::must_be_active;
use super::{Delivery, DeliveryStatus, Endpoint};
use crate::change::Change;
use crate::clock::Now;
use crate::id::{EventId, Ids};
use crate::refusal::{Code, Fault, Refusal};
use crate::world::World;

/// The most attempts that one delivery may have, those by hand included: each is kept with its answer.
pub const MOST_ATTEMPTS: usize = 50;

/// Sends a delivery again: one attempt, due now. What comes of it decides where the delivery stands.
///
/// # Errors
/// `conflict` while an attempt is due or under way, when the endpoint is disabled or deleted, or when the
/// delivery was sent [`MOST_ATTEMPTS`] times.
pub fn redeliver(
    delivery: &Delivery,
    endpoint: Option<&Endpoint>,
    now: Now,
    ids: &Ids,
) -> Result<(Delivery, Change), Refusal> {
    let conflict = |reason: &str, message: String| Fault::new(Code::Conflict, message).with("reason", reason);
    let id = &delivery.id;
    let Some(endpoint) = endpoint else {
        let message = format!("The webhook endpoint {} of this delivery was deleted.", delivery.endpoint);
        return Err(conflict("endpoint_deleted", message).into());
    };
    must_be_active(endpoint)?;
    if delivery.status == DeliveryStatus::Pending {
        let message = format!("Delivery {id} is still on its way; `next_attempt_at` says when it is tried next.");
        return Err(conflict("pending", message).into());
    }
    if delivery.attempts.len() >= MOST_ATTEMPTS {
        let message = format!("Delivery {id} was sent {MOST_ATTEMPTS} times. Read the event at GET /events/{{id}}.");
        return Err(conflict("too_many_attempts", message).into());
    }
    let again = Delivery {
        status: DeliveryStatus::Pending,
        next_attempt_at: Some(now.partner()),
        by_hand: true,
        ..delivery.clone()
    };
    let mut change = Change::default();
    change.tasks.push(again.task(ids, now.server));
    change.deliveries.update.push(again.clone());
    Ok((again, change))
}

/// Queues a delivery of its own, with the whole schedule, for each of these events.
///
/// # Errors
/// `conflict` when the endpoint is disabled.
pub fn replay(
    endpoint: &Endpoint,
    world: &World,
    events: impl IntoIterator<Item = EventId>,
    now: Now,
    ids: &Ids,
) -> Result<Change, Refusal> {
    must_be_active(endpoint)?;
    let mut change = Change::default();
    for event in events {
        let delivery = Delivery::due(ids.next(), event, endpoint, world, now.partner());
        change.tasks.push(delivery.task(ids, now.server));
        change.deliveries.insert.push(delivery);
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{delivery, endpoint};
    use super::super::{Attempt, DisabledReason};
    use super::*;
    use crate::clock::{DAY, HandClock, Time};
    use crate::id::Id as _;

    const NOW: Now = Now { server: Time(5_000_000), offset: DAY };

    fn ids() -> Ids {
        Ids::seeded(HandClock::at(NOW.server), 1)
    }

    #[test]
    fn what_has_ended_is_sent_again_once() {
        for status in [DeliveryStatus::Failed, DeliveryStatus::Delivered] {
            let ended = Delivery { status, ..delivery() };
            let (again, change) = redeliver(&ended, Some(&endpoint()), NOW, &ids()).unwrap();
            assert_eq!((again.status, again.by_hand), (DeliveryStatus::Pending, true));
            assert_eq!((again.next_attempt_at, change.tasks[0].due_at), (Some(NOW.partner()), NOW.server));
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_its_reason() {
        let failed = Delivery { status: DeliveryStatus::Failed, ..delivery() };
        let attempt = Attempt { at: Time(0), status_code: None, duration_ms: 0, response: None, error: None };
        let often = Delivery { attempts: vec![attempt; MOST_ATTEMPTS], ..failed.clone() };
        let off = Endpoint { disabled: Some(DisabledReason::Failing), ..endpoint() };
        for (delivery, endpoint, reason) in [
            (&delivery(), Some(endpoint()), "pending"),
            (&failed, None, "endpoint_deleted"),
            (&failed, Some(off), "endpoint_disabled"),
            (&often, Some(endpoint()), "too_many_attempts"),
        ] {
            let refusal = redeliver(delivery, endpoint.as_ref(), NOW, &ids()).unwrap_err();
            assert_eq!((refusal.first().code, &refusal.first().details["reason"]), (Code::Conflict, &reason.into()));
        }
    }

    #[test]
    fn a_replay_makes_a_delivery_for_each_event() {
        let events = ["evt_1", "evt_2"].map(EventId::opaque);
        let change = replay(&endpoint(), &World::live(), events, NOW, &ids()).unwrap();
        assert_eq!((change.deliveries.insert.len(), change.tasks.len(), change.events.len()), (2, 2, 0));
        assert!(change.deliveries.insert.iter().all(|one| !one.by_hand));
    }
}
