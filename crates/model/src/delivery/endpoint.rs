//! Decisions about webhook endpoints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use secrecy::SecretString;

use super::{Delivery, DisabledReason, Endpoint, EndpointStatus};
use crate::change::Change;
use crate::clock::{DAY, Now};
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::refusal::{Code, Fault, Refusal};
use crate::secret::Secret;
use crate::view;
use crate::world::Scope;

/// What the secret of an endpoint begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// The most endpoints that a partner may have in one environment.
pub const MAX_ENDPOINTS: usize = 16;

/// How long an old secret signs beside the new one, in microseconds, unless something else is asked for.
pub const OVERLAP: i64 = DAY;

/// The longest that may be asked for, in microseconds.
pub const MAX_OVERLAP: i64 = 7 * DAY;

/// A new endpoint secret: the prefix and 32 random bytes in base64, as Standard Webhooks wants it.
#[must_use]
pub fn new_secret(random: [u8; 32]) -> SecretString {
    SecretString::from(format!("{SECRET_PREFIX}{}", BASE64.encode(random)))
}

/// An endpoint as it is from now on, and what to write.
#[derive(Debug)]
pub struct Decided {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Everything to write.
    pub change: Change,
}

impl Decided {
    fn updated(before: &Endpoint, endpoint: Endpoint) -> Self {
        let mut change = Change::default();
        if endpoint != *before {
            change.endpoints.update.push(endpoint.clone());
        }
        Self { endpoint, change }
    }
}

/// An endpoint to be made.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// See [`Endpoint::url`].
    pub url: String,
    /// See [`Endpoint::events`].
    pub events: Option<Vec<EventKind>>,
    /// See [`Endpoint::secret`].
    pub secret: Secret,
}

/// Makes an endpoint beside the `existing` ones.
///
/// # Errors
/// `conflict` when there are as many as there may be.
pub fn create(scope: &Scope, existing: usize, wanted: NewEndpoint, now: Now, ids: &Ids) -> Result<Decided, Refusal> {
    if existing >= MAX_ENDPOINTS {
        let message = format!(
            "This environment has {existing} webhook endpoints and may have {MAX_ENDPOINTS}. Delete one first, or change one."
        );
        let fault = Fault::new(Code::Conflict, message).with("reason", "too_many_endpoints");
        return Err(fault.with("limit", MAX_ENDPOINTS).into());
    }
    let endpoint = Endpoint {
        id: ids.next(),
        partner: scope.partner.clone(),
        environment: scope.world.environment(),
        url: wanted.url,
        events: wanted.events,
        disabled: None,
        from_cli: false,
        secret: wanted.secret,
        old_secret: None,
        old_secret_until: None,
        failing_since: None,
        created_at: now.partner(),
        version: 1,
    };
    let mut change = Change::default();
    change.endpoints.insert.push(endpoint.clone());
    Ok(Decided { endpoint, change })
}

/// What a change names; `None` leaves a value as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// See [`Endpoint::url`].
    pub url: Option<String>,
    /// See [`Endpoint::events`]; `Some(None)` goes back to all published ones.
    pub events: Option<Option<Vec<EventKind>>>,
    /// Whether it gets events.
    pub status: Option<EndpointStatus>,
}

/// Changes an endpoint. A new address, and being enabled, begin with a clean record.
#[must_use]
pub fn change(endpoint: &Endpoint, wish: Wish) -> Decided {
    let url = wish.url.unwrap_or_else(|| endpoint.url.clone());
    let disabled = match wish.status {
        None => endpoint.disabled,
        Some(EndpointStatus::Active) => None,
        Some(EndpointStatus::Disabled) => endpoint.disabled.or(Some(DisabledReason::ByYou)),
    };
    let afresh = url != endpoint.url || wish.status == Some(EndpointStatus::Active);
    let after = Endpoint {
        failing_since: endpoint.failing_since.filter(|_| !afresh),
        events: wish.events.unwrap_or_else(|| endpoint.events.clone()),
        url,
        disabled,
        ..endpoint.clone()
    };
    Decided::updated(endpoint, after)
}

/// Gives an endpoint a new secret. The old one also signs for `overlap` microseconds of partner time; one that
/// was older still stops now.
#[must_use]
pub fn rotate(endpoint: &Endpoint, secret: Secret, overlap: i64, now: Now) -> Decided {
    let overlaps = overlap > 0;
    let after = Endpoint {
        old_secret: overlaps.then(|| endpoint.secret.clone()),
        old_secret_until: overlaps.then(|| now.partner().plus(overlap)),
        secret,
        ..endpoint.clone()
    };
    Decided::updated(endpoint, after)
}

/// Removes an endpoint. What was on its way to it is kept as failed when it comes due.
#[must_use]
pub fn remove(endpoint: &Endpoint) -> Change {
    let mut change = Change::default();
    change.endpoints_removed.push(endpoint.id.clone());
    change
}

/// Tells a test to one endpoint and to nobody else, whatever its filter.
///
/// # Errors
/// `conflict` when it is disabled.
pub fn test(endpoint: &Endpoint, scope: &Scope, now: Now, ids: &Ids) -> Result<(Event, Delivery, Change), Refusal> {
    must_be_active(endpoint)?;
    let shown = view::WebhookEndpoint::of(endpoint, now.partner());
    let event = Event {
        id: ids.next(),
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        kind: EventKind::WebhookTest,
        order: None,
        domain: None,
        created_at: now.partner(),
        data: view::text(&shown),
    };
    let delivery = Delivery::due(ids.next(), event.id.clone(), endpoint, &scope.world, now.partner());
    let mut change = Change::default();
    change.tasks.push(delivery.task(ids, now.server));
    change.deliveries.insert.push(delivery.clone());
    change.events.push(event.clone());
    Ok((event, delivery, change))
}

/// Nothing is sent to a disabled endpoint, not even when somebody asks.
pub(super) fn must_be_active(endpoint: &Endpoint) -> Result<(), Refusal> {
    let Some(reason) = endpoint.disabled else { return Ok(()) };
    let why = match reason {
        DisabledReason::Failing => "because every attempt had failed for three days",
        DisabledReason::Gone => "because it answered 410",
        DisabledReason::ByYou => "as you asked",
    };
    let message = format!(
        "Webhook endpoint {} is disabled, {why}. Enable it with PATCH {{\"status\": \"active\"}} first.",
        endpoint.id
    );
    let fault = Fault::new(Code::Conflict, message).with("reason", "endpoint_disabled");
    Err(fault.with("disabled_reason", reason.as_str()).into())
}

#[cfg(test)]
mod tests {
    use super::super::tests::endpoint;
    use super::*;
    use crate::clock::{HandClock, Time};
    use crate::world::World;

    const NOW: Now = Now { server: Time(5_000_000), offset: DAY };

    fn ids() -> Ids {
        Ids::seeded(HandClock::at(NOW.server), 1)
    }

    fn scope() -> Scope {
        Scope { partner: endpoint().partner, world: World::live() }
    }

    #[test]
    fn there_is_a_most() {
        let wanted = || NewEndpoint { url: "https://a.example".into(), events: None, secret: Secret::plain("whsec_") };
        let made = create(&scope(), MAX_ENDPOINTS - 1, wanted(), NOW, &ids()).unwrap();
        assert_eq!(made.endpoint.created_at, NOW.partner());
        let refusal = create(&scope(), MAX_ENDPOINTS, wanted(), NOW, &ids()).unwrap_err();
        assert_eq!((refusal.first().code, &refusal.first().details["limit"]), (Code::Conflict, &16.into()));
    }

    #[test]
    fn enabling_and_moving_begin_with_a_clean_record() {
        let failing = Endpoint { failing_since: Some(Time(1)), disabled: Some(DisabledReason::Failing), ..endpoint() };
        let wish = |status| Wish { status: Some(status), ..Wish::default() };
        let enabled = change(&failing, wish(EndpointStatus::Active)).endpoint;
        assert_eq!((enabled.failing_since, enabled.disabled), (None, None));
        let kept = change(&failing, wish(EndpointStatus::Disabled));
        assert_eq!((kept.endpoint, kept.change), (failing.clone(), Change::default()));
        let moved = change(&failing, Wish { url: Some("https://b.example".into()), ..Wish::default() }).endpoint;
        assert_eq!((moved.failing_since, moved.disabled), (None, Some(DisabledReason::Failing)));
        let mine = change(&endpoint(), wish(EndpointStatus::Disabled)).endpoint;
        assert_eq!(mine.disabled, Some(DisabledReason::ByYou));
    }

    #[test]
    fn filters_are_set_and_taken_back() {
        let some = Some(vec![EventKind::OrderFailed]);
        let set = change(&endpoint(), Wish { events: Some(some.clone()), ..Wish::default() }).endpoint;
        assert_eq!(set.events, some);
        assert_eq!(change(&set, Wish::default()).endpoint.events, some);
        assert_eq!(change(&set, Wish { events: Some(None), ..Wish::default() }).endpoint.events, None);
    }

    #[test]
    fn a_rotation_overlaps_as_long_as_asked() {
        let (old, new) = (endpoint().secret, Secret::plain("whsec_new"));
        let rotated = rotate(&endpoint(), new.clone(), DAY, NOW).endpoint;
        assert_eq!((rotated.old_secret, rotated.old_secret_until), (Some(old), Some(NOW.partner().plus(DAY))));
        let at_once = rotate(&endpoint(), new.clone(), 0, NOW).endpoint;
        assert_eq!((at_once.secret, at_once.old_secret, at_once.old_secret_until), (new, None, None));
    }

    #[test]
    fn a_test_goes_to_its_endpoint_alone_and_never_to_a_disabled_one() {
        let deaf = Endpoint { events: Some(vec![EventKind::OrderFailed]), ..endpoint() };
        let (event, delivery, change) = test(&deaf, &scope(), NOW, &ids()).unwrap();
        assert_eq!((change.events.len(), change.deliveries.insert.len(), change.tasks.len()), (1, 1, 1));
        assert_eq!((&delivery.event, &delivery.endpoint), (&event.id, &deaf.id));
        assert_eq!(change.tasks[0].due_at, NOW.server);
        assert!(event.data.contains("whe_1") && !event.data.contains("whsec"), "{}", event.data);
        let off = Endpoint { disabled: Some(DisabledReason::Gone), ..endpoint() };
        let refusal = test(&off, &scope(), NOW, &ids()).unwrap_err();
        assert_eq!(refusal.first().details["reason"], "endpoint_disabled");
    }
}
