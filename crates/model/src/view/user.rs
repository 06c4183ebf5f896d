//! A customer as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::order::SequencerProvider;
use crate::user::{self, UserStatus};

/// A customer of yours.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct User {
    /// Its id.
    #[schema(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Its address, as it was sent.
    #[schema(max_length = 254, example = "alex@acme.com")]
    pub email: String,
    /// Given name.
    #[schema(required, max_length = 60, example = "Alex")]
    pub first_name: Option<String>,
    /// Family name.
    #[schema(required, max_length = 60, example = "Rivera")]
    pub last_name: Option<String>,
    /// Whether it was deleted.
    pub status: UserStatus,
    /// Its route at the sequencer. An order's inboxes are linked by the route that the order brings.
    pub sequencer: UserSequencer,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
}

/// A customer's route at the sequencer; credentials never come back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserSequencer {
    /// Always `smartlead`.
    #[schema(example = "smartlead")]
    pub provider: &'static str,
    /// Routing at the sequencer; null is your default route.
    #[schema(required, minimum = 0, example = 366_903)]
    pub client_id: Option<i64>,
}

impl User {
    /// The view of a customer.
    #[must_use]
    pub fn of(user: &user::User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            status: user.status,
            sequencer: UserSequencer { provider: SequencerProvider::Smartlead.as_str(), client_id: user.client_id },
            created_at: user.created_at,
        }
    }
}
