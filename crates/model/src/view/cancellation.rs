//! A cancellation as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::domain::{Domain, DomainStatus};
use crate::id::DomainId;
use crate::order::{Order, OrderStatus};

/// The answer to a cancellation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Cancelled {
    /// The order's id.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Always `cancel_scheduled`, also when only some domains leave.
    pub status: OrderStatus,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime, example = "2026-05-20T09:00:00Z")]
    pub cancellation_scheduled_at: Time,
    /// When it takes effect: the end of the paid period.
    #[schema(value_type = String, format = DateTime, example = "2026-06-08T12:00:00Z")]
    pub cancels_at: Time,
    /// The domains that leave.
    pub domains: Vec<LeavingDomain>,
}

/// What of an order is cancelled.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Cancellation)]
pub struct OrderCancellation {
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime, example = "2026-05-20T09:00:00Z")]
    pub cancellation_scheduled_at: Time,
    /// When it takes effect: the end of the paid period.
    #[schema(value_type = String, format = DateTime, example = "2026-06-08T12:00:00Z")]
    pub cancels_at: Time,
    /// The domains that leave.
    pub domains: Vec<LeavingDomain>,
}

/// A domain that leaves its order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeavingDomain {
    /// Its id.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Its name.
    #[schema(example = "acme-mail.com")]
    pub domain: String,
}

impl Cancelled {
    /// The answer for the domains that leave.
    #[must_use]
    pub fn of(order: &Order, domains: &[Domain], leaving: &[DomainId]) -> Self {
        let leaving: Vec<_> = domains.iter().filter(|domain| leaving.contains(&domain.id)).collect();
        let at = leaving.iter().find_map(|domain| domain.cancels_at);
        Self {
            id: order.id.to_string(),
            status: OrderStatus::CancelScheduled,
            cancellation_scheduled_at: order.cancel_scheduled_at.unwrap_or(order.created_at),
            cancels_at: order.cancels_at.or(at).unwrap_or(order.renews_at),
            domains: leaving.into_iter().map(LeavingDomain::of).collect(),
        }
    }
}

impl OrderCancellation {
    /// What of an order is cancelled now; `None` when nothing is.
    #[must_use]
    pub fn of(order: &Order, domains: &[Domain]) -> Option<Self> {
        let leaves = |domain: &&Domain| match domain.status {
            DomainStatus::Failed => false,
            // What left before, such as a name that another took the place of, does not leave with the rest.
            DomainStatus::Released => domain.cancels_at.is_some() || left_with(order, domain),
            _ => order.cancels_at.is_some() || domain.cancels_at.is_some(),
        };
        let leaving: Vec<_> = domains.iter().filter(leaves).collect();
        let cancels_at = order.cancels_at.or_else(|| leaving.iter().find_map(|domain| domain.cancels_at))?;
        Some(Self {
            cancellation_scheduled_at: order.cancel_scheduled_at.unwrap_or(order.created_at),
            cancels_at,
            domains: leaving.into_iter().map(LeavingDomain::of).collect(),
        })
    }
}

/// Whether a domain left when the order ended.
pub(super) fn left_with(order: &Order, domain: &Domain) -> bool {
    domain.left_at.is_some() && domain.left_at == order.cancels_at
}

impl LeavingDomain {
    fn of(domain: &Domain) -> Self {
        Self { id: domain.id.to_string(), domain: domain.name.to_string() }
    }
}
