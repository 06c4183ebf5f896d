//! Webhook endpoints and deliveries as partners see them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::delivery::{Attempt, Delivery, DeliveryStatus, DisabledReason, Endpoint, EndpointStatus};
use crate::event::EventKind;

/// Where events are sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookEndpoint {
    /// Its id.
    #[schema(example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Its address.
    #[schema(format = "uri", max_length = 2048, example = "https://app.acme.com/hooks")]
    pub url: String,
    /// The events it gets; null is all published ones.
    #[schema(required, min_items = 1, max_items = 100, example = json!(["order.completed", "order.failed"]))]
    pub events: Option<Vec<EventKind>>,
    /// Whether it gets any.
    pub status: EndpointStatus,
    /// Why it gets none; null while it is active.
    #[schema(required, nullable)]
    pub disabled_reason: Option<DisabledReason>,
    /// Since when every attempt has failed; null when the last one went well. After three days the endpoint is
    /// disabled.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-05-08T12:14:34Z")]
    pub failing_since: Option<Time>,
    /// Until when the secret before the last rotation also signs; null when it does not.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-05-09T12:00:00Z")]
    pub old_secret_until: Option<Time>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
    /// What deliveries are signed with. Only the answers that make one show it, and only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        min_length = 50,
        max_length = 50,
        pattern = "^whsec_[A-Za-z0-9+/]{43}=$",
        example = "whsec_BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU="
    )]
    pub secret: Option<String>,
}

impl WebhookEndpoint {
    /// The view of an endpoint at a partner time.
    #[must_use]
    pub fn of(endpoint: &Endpoint, now: Time) -> Self {
        Self {
            id: endpoint.id.to_string(),
            url: endpoint.url.clone(),
            events: endpoint.events.clone(),
            status: if endpoint.is_active() { EndpointStatus::Active } else { EndpointStatus::Disabled },
            disabled_reason: endpoint.disabled,
            failing_since: endpoint.failing_since,
            old_secret_until: endpoint.old_secret_until.filter(|until| now < *until),
            created_at: endpoint.created_at,
            secret: None,
        }
    }

    /// The same with its secret, in plain text: for the one answer that shows it.
    #[must_use]
    pub fn with_secret(self, secret: String) -> Self {
        Self { secret: Some(secret), ..self }
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookDelivery {
    /// Its id.
    #[schema(example = "dlv_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// What is told.
    #[schema(example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub event_id: String,
    /// To whom.
    #[schema(example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub endpoint_id: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Every attempt so far, oldest first.
    #[schema(max_items = 50)]
    pub attempts: Vec<Attempt>,
    /// When the next attempt is due; null when none is planned.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-05-08T12:15:34Z")]
    pub next_attempt_at: Option<Time>,
}

impl WebhookDelivery {
    /// The view of a delivery.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            event_id: delivery.event.to_string(),
            endpoint_id: delivery.endpoint.to_string(),
            status: delivery.status,
            attempts: delivery.attempts.clone(),
            next_attempt_at: delivery.next_attempt_at,
        }
    }
}
