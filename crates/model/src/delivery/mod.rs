//! Webhook endpoints, deliveries, and the decision after each attempt.

use serde::{Deserialize, Serialize};

use utoipa::ToSchema;

use crate::clock::Time;
use crate::event::EventKind;
use crate::id::{DeliveryId, EndpointId, EventId, Ids, PartnerId};
use crate::named::named;
use crate::secret::Secret;
use crate::task::Task;
use crate::world::{Environment, World};

mod again;
mod answer;
mod endpoint;
mod settle;

pub use again::{MOST_ATTEMPTS, redeliver, replay};
pub use answer::{KEPT, printable};
pub use endpoint::{
    Decided, MAX_ENDPOINTS, MAX_OVERLAP, NewEndpoint, OVERLAP, SECRET_PREFIX, Wish, change, create, new_secret, remove,
    rotate, test,
};
pub use settle::{ATTEMPTS, PATIENCE, SPAN, Settled, TIMEOUT, Tried, abandon, settle};

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
    /// Why it gets none; `None` while it does.
    pub disabled: Option<DisabledReason>,
    /// Whether the command line set it; there is at most one such endpoint.
    pub from_cli: bool,
    /// What deliveries are signed with.
    pub secret: Secret,
    /// What they are also signed with while a rotation overlaps.
    pub old_secret: Option<Secret>,
    /// When the overlap ends, partner time.
    pub old_secret_until: Option<Time>,
    /// Since when every attempt has failed, partner time.
    pub failing_since: Option<Time>,
    /// When it was made, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Why an endpoint gets nothing.
    pub enum DisabledReason {
        /// Every attempt had failed for three days.
        Failing "failing",
        /// It answered `410 Gone`.
        Gone "gone",
        /// It was asked for.
        ByYou "by_you",
    }
}

named! {
    /// Whether an endpoint gets events.
    pub enum EndpointStatus {
        /// It does.
        Active "active",
        /// It does not.
        Disabled "disabled",
    }
}

impl Endpoint {
    /// Whether it gets events.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.disabled.is_none()
    }

    /// Whether it is told of this kind of event by itself. A test goes only to the endpoint that was asked for.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        let listed = self.events.as_ref().map_or(kind.published(), |kinds| kinds.contains(&kind));
        self.is_active() && listed && kind != EventKind::WebhookTest
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
    /// When the next attempt is due, partner time.
    pub next_attempt_at: Option<Time>,
    /// Whether somebody asked for the attempt that is due: it is the only one, whatever comes of it.
    pub by_hand: bool,
    /// The fence against lost updates.
    pub version: i64,
}

impl Delivery {
    /// A delivery of an event that is due at once (`at` is partner time).
    #[must_use]
    pub fn due(id: DeliveryId, event: EventId, endpoint: &Endpoint, world: &World, at: Time) -> Self {
        Self {
            id,
            partner: endpoint.partner.clone(),
            world: world.clone(),
            event,
            endpoint: endpoint.id.clone(),
            status: DeliveryStatus::Pending,
            attempts: vec![],
            next_attempt_at: Some(at),
            by_hand: false,
            version: 1,
        }
    }

    /// The task that carries it, due at a server time.
    #[must_use]
    pub fn task(&self, ids: &Ids, due_at: Time) -> Task {
        Task::for_delivery(ids.next(), &self.id, &self.endpoint, &self.partner, &self.world, due_at)
    }
}

named! {
    /// Where a delivery stands. New ones may be added.
    pub enum DeliveryStatus {
        /// An attempt is due or under way.
        Pending "pending",
        /// The last attempt was answered with 2xx.
        Delivered "delivered",
        /// The last attempt failed, and no other one is planned.
        Failed "failed",
    }
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:14:34Z")]
    pub at: Time,
    /// The answer's HTTP status; null when there was none.
    #[schema(required, minimum = 100, maximum = 999, example = 503)]
    pub status_code: Option<u16>,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0, example = 82)]
    pub duration_ms: i64,
    /// The first KiB of the answer, unpacked; what cannot be printed is spelled out.
    #[schema(required, max_length = 1024, example = "upstream is busy")]
    pub response: Option<String>,
    /// Why there was no answer.
    #[schema(required, example = "no connection could be made")]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id as _;

    pub(super) fn endpoint() -> Endpoint {
        Endpoint {
            id: EndpointId::opaque("whe_1"),
            partner: PartnerId::opaque("org_1"),
            environment: Environment::Test,
            url: "https://example.com".into(),
            events: None,
            disabled: None,
            from_cli: true,
            secret: Secret::plain("whsec_x"),
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            created_at: Time(0),
            version: 1,
        }
    }

    pub(super) fn delivery() -> Delivery {
        Delivery {
            id: DeliveryId::opaque("dlv_1"),
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            event: EventId::opaque("evt_1"),
            endpoint: EndpointId::opaque("whe_1"),
            status: DeliveryStatus::Pending,
            attempts: vec![],
            next_attempt_at: None,
            by_hand: false,
            version: 1,
        }
    }

    #[test]
    fn our_own_events_are_opt_in() {
        assert!(endpoint().wants(EventKind::OrderCompleted));
        assert!(!endpoint().wants(EventKind::InboxLinked));
        let opted = Endpoint { events: Some(vec![EventKind::InboxLinked]), ..endpoint() };
        assert!(opted.wants(EventKind::InboxLinked) && !opted.wants(EventKind::OrderCompleted));
        let disabled = Endpoint { disabled: Some(DisabledReason::ByYou), ..endpoint() };
        assert!(!disabled.wants(EventKind::OrderCompleted));
        assert!(!endpoint().wants(EventKind::WebhookTest));
    }
}
