//! What is under way in a lane, so that nobody takes more than their share.

use std::collections::HashMap;
use std::hash::Hash;

use model::id::{PartnerId, TaskId};
use model::task::{Lane, Task};
use model::world::Environment;
use store::tasks::Bucket;

/// How much of a lane may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// In all.
    pub(crate) total: usize,
    /// For all sandboxes together: what they leave is there for whoever sells.
    pub(crate) test: usize,
    /// For one partner in one environment.
    pub(crate) per_partner: usize,
    /// For one bucket: a partner's steps, or one endpoint's deliveries.
    pub(crate) per_bucket: usize,
    /// For one bucket in one claim, so that a crowd cannot take all places at once.
    pub(crate) per_claim: usize,
}

impl Budget {
    /// Of a lane with so many places. Where nothing can be sold, sandboxes may have all of them.
    pub(crate) const fn of(lane: Lane, total: usize, sells: bool) -> Self {
        let per_bucket = match lane {
            Lane::Step | Lane::Timer => total / 2,
            Lane::Delivery => 8,
        };
        let test = if sells { total - total / 4 } else { total };
        Self { total, test, per_partner: total / 2, per_bucket, per_claim: total / 8 }
    }

    /// Places for an environment while so many tasks, and so many of sandboxes, are under way.
    pub(crate) fn places(&self, environment: Environment, taken: Taken) -> usize {
        let all = self.total.saturating_sub(taken.total);
        match environment {
            Environment::Live => all,
            Environment::Test => all.min(self.test.saturating_sub(taken.test)),
        }
    }
}

/// How many tasks are under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// In all.
    total: usize,
    /// Of sandboxes.
    test: usize,
}

impl Taken {
    /// The same and so many more.
    pub(crate) fn and(self, more: usize, environment: Environment) -> Self {
        let test = if environment == Environment::Test { more } else { 0 };
        Self { total: self.total + more, test: self.test + test }
    }
}

/// The tasks under way in one lane of one process.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    taken: Taken,
    partners: HashMap<Owner, usize>,
    buckets: HashMap<String, usize>,
    leases: HashMap<TaskId, String>,
}

/// A partner in one environment.
pub(crate) type Owner = (PartnerId, Environment);

impl Flight {
    /// How many tasks are under way.
    pub(crate) const fn taken(&self) -> Taken {
        self.taken
    }

    /// How many tasks of a partner may be claimed now.
    pub(crate) fn partner_room(&self, owner: &Owner, budget: &Budget) -> usize {
        budget.per_partner.saturating_sub(self.partners.get(owner).copied().unwrap_or(0))
    }

    /// How many tasks of a bucket may be claimed now, as far as it is concerned alone.
    pub(crate) fn room(&self, bucket: &Bucket, budget: &Budget) -> usize {
        let own = self.buckets.get(&bucket.name).copied().unwrap_or(0);
        budget.per_bucket.saturating_sub(own).min(budget.per_claim)
    }

    pub(crate) fn add(&mut self, task: &Task) {
        let environment = task.world.environment();
        self.taken = self.taken.and(1, environment);
        self.leases.insert(task.id.clone(), task.lease.clone().unwrap_or_default());
        *self.partners.entry((task.partner.clone(), environment)).or_default() += 1;
        *self.buckets.entry(task.bucket.clone()).or_default() += 1;
    }

    pub(crate) fn remove(&mut self, task: &Task) {
        let environment = task.world.environment();
        self.taken.total = self.taken.total.saturating_sub(1);
        if environment == Environment::Test {
            self.taken.test = self.taken.test.saturating_sub(1);
        }
        self.leases.remove(&task.id);
        lower(&mut self.partners, &(task.partner.clone(), environment));
        lower(&mut self.buckets, &task.bucket);
    }

    /// The leases that are still held.
    pub(crate) fn leases(&self) -> Vec<(TaskId, String)> {
        self.leases.iter().map(|(task, lease)| (task.clone(), lease.clone())).collect()
    }

    pub(crate) const fn is_full(&self, budget: &Budget) -> bool {
        self.taken.total >= budget.total
    }
}

fn lower<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
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

    fn bucket(name: &str) -> Bucket {
        Bucket {
            name: name.into(),
            partner: PartnerId::opaque("org_1"),
            environment: Environment::Live,
            due_at: Time(0),
        }
    }

    fn task(bucket: &str, partner: &str, world: World) -> Task {
        Task {
            id: TaskId::opaque("tsk_1"),
            lane: Lane::Delivery,
            partner: PartnerId::opaque(partner),
            world,
            bucket: bucket.into(),
            subject: "dlv_1".into(),
            due_at: Time(0),
            lease: None,
            attempts: 0,
        }
    }

    #[test]
    fn a_slow_endpoint_leaves_room_for_others() {
        let budget = Budget::of(Lane::Delivery, 64, true);
        let mut flight = Flight::default();
        for _ in 0..8 {
            flight.add(&task("whe_slow", "org_1", World::live()));
        }
        assert_eq!(flight.room(&bucket("whe_slow"), &budget), 0);
        assert_eq!(flight.room(&bucket("whe_other"), &budget), 8);
        flight.remove(&task("whe_slow", "org_1", World::live()));
        assert_eq!(flight.room(&bucket("whe_slow"), &budget), 1);
    }

    #[test]
    fn what_is_under_way_is_counted_by_partner_and_environment() {
        let budget = Budget::of(Lane::Step, 128, true);
        let (owner, world) = (PartnerId::opaque("org_1"), World::test(&PartnerId::opaque("org_1"), 0));
        let mut flight = Flight::default();
        for _ in 0..64 {
            flight.add(&task("org_1", "org_1", world.clone()));
        }
        let room = |environment| flight.partner_room(&(owner.clone(), environment), &budget);
        assert_eq!((room(Environment::Test), room(Environment::Live)), (0, 64), "a sandbox takes nothing from a shop");
        for _ in 0..32 {
            flight.add(&task("org_2", "org_2", world.clone()));
        }
        let places = |environment| budget.places(environment, flight.taken());
        assert_eq!((places(Environment::Test), places(Environment::Live)), (0, 32));
        flight.remove(&task("org_2", "org_2", world));
        assert_eq!(budget.places(Environment::Test, flight.taken()), 1);
        let alone = Budget::of(Lane::Step, 128, false);
        assert_eq!(
            alone.places(Environment::Test, flight.taken()),
            33,
            "where nothing is sold there is no other use for it"
        );
    }
}
