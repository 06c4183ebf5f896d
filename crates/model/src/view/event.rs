//! An event as partners see it.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::event::{self, EventKind};

/// An event: the very body that webhooks carry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Event {
    /// Its id, the same on every attempt.
    #[schema(example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When it happened.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:14:33Z")]
    pub created_at: Time,
    /// The object that its GET showed at that moment.
    #[schema(value_type = Object)]
    pub data: Box<RawValue>,
}

impl Event {
    /// The view of an event.
    #[must_use]
    pub fn of(event: &event::Event) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind,
            created_at: event.created_at,
            data: RawValue::from_string(event.data.clone()).unwrap_or_default(),
        }
    }
}
