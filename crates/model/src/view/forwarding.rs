//! A forwarding job as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::forwarding::{self, ForwardingReason, ForwardingState, ForwardingStatus};

/// A job that changes where domains forward to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Forwarding {
    /// Its id.
    #[schema(example = "fwj_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Where it stands.
    pub status: ForwardingStatus,
    /// How many domains forward as asked.
    #[schema(minimum = 0, maximum = 25, example = 1)]
    pub completed_count: usize,
    /// How many failed.
    #[schema(minimum = 0, maximum = 25, example = 0)]
    pub failed_count: usize,
    /// Where they are to lead.
    #[schema(format = "uri", example = "https://acme.com/offer")]
    pub forwarding_url: String,
    /// The names that forward as asked.
    #[schema(example = json!(["acme-mail.com"]))]
    pub completed: Vec<String>,
    /// Those that failed.
    pub failed: Vec<FailedForwarding>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
    /// When its last domain ended; null before.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-05-08T12:00:01Z")]
    pub completed_at: Option<Time>,
}

/// A domain that does not forward as asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedForwarding {
    /// The name; what was sent when there is no such domain.
    #[schema(max_length = 300, example = "acme-team.com")]
    pub domain: String,
    /// Why.
    pub reason: ForwardingReason,
}

impl Forwarding {
    /// The view of a job.
    #[must_use]
    pub fn of(job: &forwarding::Forwarding) -> Self {
        let done = job.entries.iter().filter(|entry| entry.state == ForwardingState::Done);
        let completed: Vec<_> = done.map(|entry| entry.name.clone()).collect();
        let failed = job.entries.iter().filter(|entry| entry.state == ForwardingState::Failed);
        let failed: Vec<_> = failed
            .filter_map(|entry| Some(FailedForwarding { domain: entry.name.clone(), reason: entry.reason? }))
            .collect();
        Self {
            id: job.id.to_string(),
            status: job.status,
            completed_count: completed.len(),
            failed_count: failed.len(),
            forwarding_url: job.url.clone(),
            completed,
            failed,
            created_at: job.created_at,
            completed_at: job.completed_at,
        }
    }
}
