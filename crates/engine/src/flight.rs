//! What is under way in a lane, so that nobody takes more than their share.

use std::collections::HashMap;

use model::id::{Id as _, PartnerId, TaskId};
use model::task::{Lane, Task};
use store::tasks::Bucket;

/// How much of a lane may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// In all.
    pub(crate) total: usize,
    /// For one partner.
    pub(crate) per_partner: usize,
    /// For one bucket: a partner's steps, or one endpoint's deliveries.
    pub(crate) per_bucket: usize,
    /// For one bucket in one claim, so that a crowd cannot take all places at once.
    pub(crate) per_claim: usize,
}

impl Budget {
    pub(crate) const fn of(lane: Lane, total: usize) -> Self {
        let per_bucket = match lane {
            Lane::Step | Lane::Timer => total / 2,
            Lane::Delivery => 8,
        };
        Self { total, per_partner: total / 2, per_bucket, per_claim: total / 8 }
    }
}

/// The tasks under way in one lane of one process.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    total: usize,
    partners: HashMap<String, usize>,
    buckets: HashMap<String, usize>,
    leases: HashMap<TaskId, String>,
}

impl Flight {
    /// How many tasks may be claimed now in all.
    pub(crate) const fn places(&self, budget: &Budget) -> usize {
        budget.total.saturating_sub(self.total)
    }

    /// How many tasks of a partner may be claimed now.
    pub(crate) fn partner_room(&self, partner: &PartnerId, budget: &Budget) -> usize {
        budget.per_partner.saturating_sub(self.partners.get(partner.as_str()).copied().unwrap_or(0))
    }

    /// How many tasks of a bucket may be claimed now.
    pub(crate) fn room(&self, bucket: &Bucket, budget: &Budget) -> usize {
        let own = self.buckets.get(&bucket.name).copied().unwrap_or(0);
        self.places(budget)
            .min(self.partner_room(&bucket.partner, budget))
            .min(budget.per_bucket.saturating_sub(own))
            .min(budget.per_claim)
    }

    pub(crate) fn add(&mut self, task: &Task) {
        self.total += 1;
        self.leases.insert(task.id.clone(), task.lease.clone().unwrap_or_default());
        *self.partners.entry(task.partner.to_string()).or_default() += 1;
        *self.buckets.entry(task.bucket.clone()).or_default() += 1;
    }

    pub(crate) fn remove(&mut self, task: &Task) {
        self.total = self.total.saturating_sub(1);
        self.leases.remove(&task.id);
        lower(&mut self.partners, &task.partner.to_string());
        lower(&mut self.buckets, &task.bucket);
    }

    /// The leases that are still held.
    pub(crate) fn leases(&self) -> Vec<(TaskId, String)> {
        self.leases.iter().map(|(task, lease)| (task.clone(), lease.clone())).collect()
    }

    pub(crate) const fn is_full(&self, budget: &Budget) -> bool {
        self.total >= budget.total
    }
}

fn lower(counts: &mut HashMap<String, usize>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::clock::Time;
    use model::id::{Id, PartnerId};
    use model::world::World;

    use super::*;

    fn bucket(name: &str, partner: &str) -> Bucket {
        Bucket { name: name.into(), partner: PartnerId::opaque(partner), due_at: Time(0) }
    }

    fn task(bucket: &str, partner: &str) -> Task {
        Task {
            id: TaskId::opaque("tsk_1"),
            lane: Lane::Delivery,
            partner: PartnerId::opaque(partner),
            world: World::live(),
            bucket: bucket.into(),
            subject: "dlv_1".into(),
            due_at: Time(0),
            lease: None,
            attempts: 0,
        }
    }

    #[test]
    fn a_slow_endpoint_leaves_room_for_others() {
        let budget = Budget::of(Lane::Delivery, 64);
        let mut flight = Flight::default();
        for _ in 0..8 {
            flight.add(&task("whe_slow", "org_1"));
        }
        assert_eq!(flight.room(&bucket("whe_slow", "org_1"), &budget), 0);
        assert_eq!(flight.room(&bucket("whe_other", "org_1"), &budget), 8);
        flight.remove(&task("whe_slow", "org_1"));
        assert_eq!(flight.room(&bucket("whe_slow", "org_1"), &budget), 1);
    }

    #[test]
    fn a_partner_never_has_all_places() {
        let budget = Budget::of(Lane::Step, 128);
        let mut flight = Flight::default();
        while flight.room(&bucket("org_1", "org_1"), &budget) > 0 {
            flight.add(&task("org_1", "org_1"));
        }
        assert_eq!(flight.total, 64);
        assert_eq!(flight.room(&bucket("org_2", "org_2"), &budget), 16);
    }
}
