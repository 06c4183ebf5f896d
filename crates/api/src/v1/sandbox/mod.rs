//! The sandbox's clock, and beginning anew.

use model::clock::Time;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) mod advance;
pub(crate) mod reset;

/// The sandbox's clock.
#[derive(Serialize, ToSchema)]
pub(crate) struct SandboxClock {
    /// What it shows now.
    #[schema(value_type = String, format = DateTime, example = "2026-06-08T12:00:00Z")]
    now: Time,
}
