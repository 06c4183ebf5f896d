//! Tasks: the rows that say that something is due at a time. The only queue there is.

use crate::clock::Time;
use crate::id::{DeliveryId, DomainId, EndpointId, Id, OrderId, PartnerId, RunId, TaskId};
use crate::named::named;
use crate::world::{Environment, World};

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Which budget it is worked from.
    pub lane: Lane,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// What shares are counted by: the partner in one environment, or the endpoint of a delivery.
    pub bucket: String,
    /// The run or delivery, order, domain or world it is about.
    pub subject: String,
    /// Server time of the next pick-up; while it is leased, the lease's end.
    pub due_at: Time,
    /// The claim that holds it.
    pub lease: Option<String>,
    /// Attempts that failed since it last got on.
    pub attempts: i64,
}

named! {
    /// Kinds of work that must not starve each other.
    pub enum Lane {
        /// Conversations with providers.
        Step "step",
        /// Webhooks on their way.
        Delivery "delivery",
        /// Things that only wait for a time.
        Timer "timer",
    }
}

impl Task {
    /// The task that carries a run.
    #[must_use]
    pub fn for_run(id: TaskId, run: &RunId, partner: &PartnerId, world: &World, due_at: Time) -> Self {
        Self {
            id,
            lane: Lane::Step,
            partner: partner.clone(),
            world: world.clone(),
            bucket: share(partner, world),
            subject: run.as_str().into(),
            due_at,
            lease: None,
            attempts: 0,
        }
    }

    /// The task that waits for the end of an order's paid period.
    #[must_use]
    pub fn for_order(id: TaskId, order: &OrderId, partner: &PartnerId, world: &World, due_at: Time) -> Self {
        let bucket = share(partner, world);
        let (partner, world) = (partner.clone(), world.clone());
        Self {
            id,
            lane: Lane::Timer,
            partner,
            world,
            bucket,
            subject: order.as_str().into(),
            due_at,
            lease: None,
            attempts: 0,
        }
    }

    /// The task that waits for the day a name of the inventory runs out.
    #[must_use]
    pub fn for_expiry(id: TaskId, domain: &DomainId, partner: &PartnerId, world: &World, due_at: Time) -> Self {
        let (bucket, subject) = (share(partner, world), domain.as_str().into());
        let (partner, world) = (partner.clone(), world.clone());
        Self { id, lane: Lane::Timer, partner, world, bucket, subject, due_at, lease: None, attempts: 0 }
    }

    /// The task that brings a world's other tasks forward after its clock was moved on.
    #[must_use]
    pub fn for_clock(id: TaskId, partner: &PartnerId, world: &World, due_at: Time) -> Self {
        let (bucket, subject) = (share(partner, world), world.as_str().into());
        let (partner, world) = (partner.clone(), world.clone());
        Self { id, lane: Lane::Timer, partner, world, bucket, subject, due_at, lease: None, attempts: 0 }
    }

    /// The task that carries a delivery.
    #[must_use]
    pub fn for_delivery(
        id: TaskId,
        delivery: &DeliveryId,
        endpoint: &EndpointId,
        partner: &PartnerId,
        world: &World,
        due_at: Time,
    ) -> Self {
        Self {
            id,
            lane: Lane::Delivery,
            partner: partner.clone(),
            world: world.clone(),
            bucket: endpoint.as_str().into(),
            subject: delivery.as_str().into(),
            due_at,
            lease: None,
            attempts: 0,
        }
    }
}

/// A partner's share of a lane. What they try in the sandbox never stands before what they sell.
fn share(partner: &PartnerId, world: &World) -> String {
    match world.environment() {
        Environment::Test => partner.as_str().into(),
        Environment::Live => format!("{partner}:live"),
    }
}

/// When a failed attempt is tried again: doubling from `base`, at most `cap`, with up to half of it
/// taken away at random (`fraction` in 0..1) so that a crowd does not come back together.
#[must_use]
pub fn back_off(attempts: i64, base: i64, cap: i64, fraction: f64) -> i64 {
    let doubled = base.saturating_mul(1 << attempts.clamp(1, 40).saturating_sub(1)).min(cap);
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a delay of at most hours")]
    let jitter = (doubled as f64 / 2.0 * fraction) as i64;
    doubled - jitter
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn delays_grow_to_the_cap_and_never_vanish(attempts in 1..1000_i64, fraction in 0.0..1.0) {
            let delay = back_off(attempts, 100, 10_000, fraction);
            prop_assert!((50..=10_000).contains(&delay));
        }
    }
}
