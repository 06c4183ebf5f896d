//! Forwarding jobs: where the web addresses of several domains lead.

use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::id::{DomainId, ForwardingId, PartnerId};
use crate::named::named;
use crate::world::World;

mod start;
#[cfg(test)]
mod tests;

pub use start::{Facts, Wish, start, works};

/// A job that changes where domains forward to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// Its id.
    pub id: ForwardingId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// Where the domains are to lead.
    pub url: String,
    /// Computed from its entries.
    pub status: ForwardingStatus,
    /// The domains, in the order sent.
    pub entries: Vec<ForwardingEntry>,
    /// When it was made, partner time.
    pub created_at: Time,
    /// When its last entry ended, partner time.
    pub completed_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

/// One domain of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardingEntry {
    /// The domain's name; where there is no such domain, the name that was sent, or what was sent in its place.
    pub name: String,
    /// The domain, when there is one.
    pub domain: Option<DomainId>,
    /// Where it stands.
    pub state: ForwardingState,
    /// Why it failed.
    pub reason: Option<ForwardingReason>,
}

named! {
    /// Where a forwarding job stands.
    pub enum ForwardingStatus {
        /// Being worked on.
        InProgress "in_progress",
        /// Every domain forwards as asked.
        Completed "completed",
        /// Some do and some do not.
        PartialSuccess "partial_success",
        /// None does.
        Failed "failed",
    }
}

named! {
    /// Where one domain of a forwarding job stands.
    pub enum ForwardingState {
        /// Being worked on.
        Pending "pending",
        /// It forwards as asked.
        Done "done",
        /// See its reason.
        Failed "failed",
    }
}

named! {
    /// Why a domain could not be forwarded.
    pub enum ForwardingReason {
        /// The target's name does not lead to a public address.
        DnsLookupFailed "dns_lookup_failed",
        /// The target does not answer.
        TargetUnreachable "target_unreachable",
        /// The target is not a public address.
        InvalidTarget "invalid_target",
        /// There is no such domain.
        DomainNotFound "domain_not_found",
        /// The domain does not work yet, or no longer.
        NotActive "not_active",
    }
}

impl ForwardingReason {
    /// What is in the way and what to do, in words that a customer can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::DnsLookupFailed => {
                "The target's name leads to no public address. Correct the address, or its DNS, and forward again."
            }
            Self::TargetUnreachable => "The target does not answer. Send one that does, or forward again once it does.",
            Self::InvalidTarget => "The target is not a public web address. Send one that anybody can open.",
            Self::DomainNotFound => "There is no such domain. Check its name or id.",
            Self::NotActive => "The domain does not work yet, or no longer. Forward it once it is active.",
        }
    }
}

/// What a job's status is when its domains are so.
#[must_use]
pub fn status_of(entries: &[ForwardingEntry]) -> ForwardingStatus {
    let any = |state| entries.iter().any(|entry| entry.state == state);
    match (any(ForwardingState::Pending), any(ForwardingState::Done), any(ForwardingState::Failed)) {
        (true, _, _) => ForwardingStatus::InProgress,
        (false, true, true) => ForwardingStatus::PartialSuccess,
        (false, false, true) => ForwardingStatus::Failed,
        (false, _, false) => ForwardingStatus::Completed,
    }
}
