//! What is under way in a lane, so that nobody takes more than their share.

use std::collections::HashMap;
use std::hash::Hash;

use model::id::{PartnerId, TaskId};
use model::task::{Lane, Task};
use model::world::Environment;
use store::tasks::Bucket;

use crate::pace::{Answered, Health, Pace};

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
    /// For all endpoints together that are not known to answer well: what they leave is there for those that do.
    pub(crate) unproven: usize,
    /// Of these, for those that are known not to: what they leave is there for those that nobody knows yet.
    pub(crate) ill: usize,
}

impl Budget {
    /// Of a lane with so many places. Where nothing can be sold, sandboxes may have all of them.
    pub(crate) const fn of(lane: Lane, total: usize, sells: bool) -> Self {
        let (per_claim, unproven, ill) = match lane {
            Lane::Step | Lane::Timer => (total / 8, total, total),
            Lane::Delivery => (total / 4, total / 2, total / 4),
        };
        let test = if sells { total - total / 4 } else { total };
        Self { total, test, per_partner: total / 2, per_bucket: total / 2, per_claim, unproven, ill }
    }

    /// Places for an environment while so many tasks, and so many of sandboxes, are under way.
    pub(crate) fn places(&self, environment: Environment, health: Health, taken: Taken) -> usize {
        let unproven = self.unproven.saturating_sub(taken.new + taken.ill);
        let all = match health {
            Health::Well => usize::MAX,
            Health::New => unproven,
            Health::Ill => unproven.min(self.ill.saturating_sub(taken.ill)),
        };
        let all = all.min(self.total.saturating_sub(taken.total));
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
    /// To endpoints that nobody knows yet.
    new: usize,
    /// To endpoints that are known not to answer well.
    ill: usize,
}

impl Taken {
    /// The same and so many more.
    pub(crate) const fn and(mut self, more: usize, environment: Environment, health: Health) -> Self {
        self.total += more;
        if matches!(environment, Environment::Test) {
            self.test += more;
        }
        match health {
            Health::Well => {}
            Health::New => self.new += more,
            Health::Ill => self.ill += more,
        }
        self
    }

    const fn without(mut self, environment: Environment, health: Health) -> Self {
        self.total = self.total.saturating_sub(1);
        if matches!(environment, Environment::Test) {
            self.test = self.test.saturating_sub(1);
        }
        match health {
            Health::Well => {}
            Health::New => self.new = self.new.saturating_sub(1),
            Health::Ill => self.ill = self.ill.saturating_sub(1),
        }
        self
    }
}

/// So many times as many deliveries are claimed as may be on their way to an endpoint that answers well.
const AHEAD: usize = 2;

/// Of so many endpoints it is remembered how they answer.
const PACES: usize = 20_000;

/// The tasks under way in one lane of one process.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    taken: Taken,
    partners: HashMap<Owner, usize>,
    buckets: HashMap<String, usize>,
    /// How those endpoints answer that have been asked.
    paces: HashMap<String, Pace>,
    /// What was known of its endpoint when a task was begun, by the task and the lease: one that ran out may be followed by another.
    held: HashMap<(TaskId, String), Health>,
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

    /// How many tasks of a bucket may be claimed now, as far as it is concerned alone. Of an endpoint that answers well more are
    /// claimed than may be sent at once: who comes next is there when a place is.
    pub(crate) fn room(&self, lane: Lane, bucket: &Bucket, budget: &Budget) -> usize {
        let own = self.buckets.get(&bucket.name).copied().unwrap_or(0);
        let pace = self.pace(&bucket.name);
        let most = match (lane, pace.health()) {
            (Lane::Step | Lane::Timer, _) => usize::MAX,
            (Lane::Delivery, Health::Well) => pace.places() * AHEAD,
            (Lane::Delivery, Health::New | Health::Ill) => pace.places(),
        };
        budget.per_bucket.min(most).saturating_sub(own).min(budget.per_claim)
    }

    /// Whether a bucket may have every place there is: an endpoint has to have answered well.
    pub(crate) fn health(&self, lane: Lane, bucket: &str) -> Health {
        if lane == Lane::Delivery { self.pace(bucket).health() } else { Health::Well }
    }

    /// How many may be on their way to an endpoint at once.
    pub(crate) fn pace(&self, bucket: &str) -> Pace {
        self.paces.get(bucket).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, task: &Task) {
        let (environment, health) = (task.world.environment(), self.health(task.lane, &task.bucket));
        self.taken = self.taken.and(1, environment, health);
        self.held.insert(key(task), health);
        *self.partners.entry((task.partner.clone(), environment)).or_default() += 1;
        *self.buckets.entry(task.bucket.clone()).or_default() += 1;
    }

    /// Learns how an endpoint took what was sent.
    pub(crate) fn learn(&mut self, bucket: &str, answered: Answered) {
        let pace = self.pace(bucket).after(answered);
        self.paces.insert(bucket.to_owned(), pace);
        self.forget_idle();
    }

    /// Takes a task out that has ended.
    pub(crate) fn remove(&mut self, task: &Task) {
        let environment = task.world.environment();
        let health = self.held.remove(&key(task)).unwrap_or(Health::Well);
        self.taken = self.taken.without(environment, health);
        lower(&mut self.partners, &(task.partner.clone(), environment));
        lower(&mut self.buckets, &task.bucket);
    }

    /// What is known of endpoints that are asked no more is worth no memory.
    fn forget_idle(&mut self) {
        if self.paces.len() > PACES {
            let buckets = &self.buckets;
            self.paces.retain(|name, _| buckets.contains_key(name));
        }
    }

    /// The leases that are still held.
    pub(crate) fn leases(&self) -> Vec<(TaskId, String)> {
        self.held.keys().cloned().collect()
    }

    pub(crate) const fn is_full(&self, budget: &Budget) -> bool {
        self.taken.total >= budget.total
    }
}

fn key(task: &Task) -> (TaskId, String) {
    (task.id.clone(), task.lease.clone().unwrap_or_default())
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
    use std::time::Duration;

    use model::clock::Time;
    use model::id::{Id, PartnerId};
    use model::world::World;

    use super::*;

    const GOOD: Answered = Answered { took: Duration::from_millis(3), is_received: true };

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
        let room = |flight: &Flight, name| flight.room(Lane::Delivery, &bucket(name), &budget);
        assert_eq!((room(&flight, "whe_slow"), room(&flight, "whe_other")), (0, 8));
        flight.remove(&task("whe_slow", "org_1", World::live()));
        assert_eq!(room(&flight, "whe_slow"), 1);
        flight.learn("whe_slow", Answered { took: Duration::from_secs(2), is_received: true });
        flight.remove(&task("whe_slow", "org_1", World::live()));
        assert_eq!(room(&flight, "whe_slow"), 0, "it may have four now, and has six");
    }

    #[test]
    fn those_who_do_not_answer_leave_places_to_those_who_do() {
        let budget = Budget::of(Lane::Delivery, 64, true);
        let mut flight = Flight::default();
        flight.learn("whe_good", GOOD);
        flight.learn("whe_ill", Answered { is_received: false, ..GOOD });
        let named = |id: usize, bucket: &str| Task {
            id: TaskId::opaque(format!("tsk_{id}")),
            ..task(bucket, "org_1", World::live())
        };
        let places = |flight: &Flight| {
            let of = |bucket| budget.places(Environment::Live, flight.health(Lane::Delivery, bucket), flight.taken());
            (of("whe_good"), of("whe_new"), of("whe_ill"))
        };
        assert_eq!(places(&flight), (64, 32, 16));
        (1..=16).for_each(|id| flight.add(&named(id, "whe_ill")));
        assert_eq!(places(&flight), (48, 16, 0), "those who are ill leave places to those whom nobody knows");
        (17..=32).for_each(|id| flight.add(&named(id, &format!("whe_{id}"))));
        assert_eq!(places(&flight), (32, 0, 0), "and both leave them to those who answer");
        flight.remove(&named(17, "whe_17"));
        assert_eq!(places(&flight), (33, 1, 0));
    }

    #[test]
    fn a_task_that_is_claimed_again_while_it_is_held_is_counted_down_twice() {
        let budget = Budget::of(Lane::Delivery, 64, true);
        let mut flight = Flight::default();
        let on = |lease: &str| Task { lease: Some(lease.into()), ..task("whe_new", "org_1", World::live()) };
        flight.add(&on("lse_1"));
        // The machine slept until the lease had run out.
        flight.add(&on("lse_2"));
        assert_eq!(flight.leases().len(), 2);
        flight.remove(&on("lse_1"));
        flight.remove(&on("lse_2"));
        assert_eq!(budget.places(Environment::Live, Health::New, flight.taken()), 32, "no place is lost");
    }

    #[test]
    fn more_is_claimed_than_sent_of_whoever_answers_well() {
        let budget = Budget::of(Lane::Delivery, 256, true);
        let mut flight = Flight::default();
        flight.learn("whe_good", GOOD);
        let room = |flight: &Flight, name| flight.room(Lane::Delivery, &bucket(name), &budget);
        assert_eq!((room(&flight, "whe_new"), room(&flight, "whe_good")), (8, 18));
        (0..100).for_each(|_| flight.learn("whe_good", GOOD));
        assert_eq!((flight.pace("whe_good").places(), room(&flight, "whe_good")), (64, 64), "a quarter in one claim");
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
        let places = |environment| budget.places(environment, Health::Well, flight.taken());
        assert_eq!((places(Environment::Test), places(Environment::Live)), (0, 32));
        flight.remove(&task("org_2", "org_2", world));
        assert_eq!(budget.places(Environment::Test, Health::Well, flight.taken()), 1);
        let alone = Budget::of(Lane::Step, 128, false);
        assert_eq!(
            alone.places(Environment::Test, Health::Well, flight.taken()),
            33,
            "where nothing is sold there is no other use for it"
        );
    }
}
