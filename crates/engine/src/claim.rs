//! Takes what is due, fairly.

use std::collections::HashMap;

use futures_util::FutureExt as _;
use model::clock::{SECOND, Time};
use model::id::{Id, LeaseId};
use model::task::{Lane, Task};
use model::world::Environment;
use store::tasks::Bucket;
use store::{Failure, Kind, Store, StoreError, on_behalf_of, tasks};

use crate::due::Due;
use crate::flight::{Budget, Flight, Owner};
use crate::pace::Health;

/// How long a claim holds a task before others may take it, in microseconds.
pub(crate) const LEASE: i64 = 30 * SECOND;

/// What a claim brought.
#[derive(Debug, Default)]
pub(crate) struct Claimed {
    pub(crate) tasks: Vec<Task>,
    /// Shares that have nothing else due.
    pub(crate) used_up: Vec<String>,
    /// Whether more was due than could be taken.
    pub(crate) more: bool,
}

/// What is to be taken of which shares.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    take: Vec<(String, i64)>,
    /// Whether anything is due that there is no room for.
    more: bool,
}

impl Plan {
    /// How much of each share that has something due there is room for.
    pub(crate) async fn make(
        store: &Store,
        lane: Lane,
        due: &mut Due,
        (flight, budget): (&Flight, &Budget),
        now: Time,
    ) -> Result<Self, StoreError> {
        if flight.is_full(budget) {
            return Ok(Self { take: vec![], more: true });
        }
        let shares = due.look(&mut store.read().await?, lane, now).await?;
        let take = plan(lane, &shares, flight, budget);
        let more = take.len() < shares.len();
        Ok(Self { take, more })
    }

    /// Whether there is nothing to take.
    pub(crate) const fn is_empty(&self) -> bool {
        self.take.is_empty()
    }

    /// What comes of it when nothing is taken.
    pub(crate) fn nothing(self) -> Claimed {
        Claimed { more: self.more, ..Claimed::default() }
    }

    /// Claims it.
    pub(crate) async fn claim(
        self,
        store: &Store,
        lane: Lane,
        now: Time,
        lease: LeaseId,
    ) -> Result<Claimed, StoreError> {
        let claimed = take(store, lane, self.take.clone(), now, lease).await?;
        let mut taken: HashMap<&str, i64> = HashMap::new();
        for task in &claimed {
            *taken.entry(&task.bucket).or_default() += 1;
        }
        let shares = self.take.len();
        let is_used_up = |(bucket, take): &(String, i64)| taken.get(bucket.as_str()).copied().unwrap_or(0) < *take;
        let used_up: Vec<_> = self.take.into_iter().filter(is_used_up).map(|(bucket, _)| bucket).collect();
        let more = self.more || used_up.len() < shares;
        Ok(Claimed { tasks: claimed, used_up, more })
    }
}

/// How many tasks to take from each share, of live ones first and then the longest waiting: never more than there is room
/// for in the lane, nor for one partner, all shares together.
fn plan(lane: Lane, due: &[Bucket], flight: &Flight, budget: &Budget) -> Vec<(String, i64)> {
    let (mut planned, mut taken, mut partners) = (vec![], flight.taken(), HashMap::new());
    let (live, test): (Vec<_>, Vec<_>) = due.iter().partition(|bucket| bucket.environment == Environment::Live);
    let each = Each::of(lane, due, flight, budget);
    for bucket in live.into_iter().chain(test) {
        let owner: Owner = (bucket.partner.clone(), bucket.environment);
        let room = flight.partner_room(&owner, budget);
        let planned_for: &mut usize = partners.entry(owner).or_default();
        let health = flight.health(lane, &bucket.name);
        let places = budget.places(bucket.environment, health, taken).min(each.most(health));
        let take = flight.room(lane, bucket, budget).min(room.saturating_sub(*planned_for)).min(places);
        taken = taken.and(take, bucket.environment, health);
        *planned_for += take;
        if take > 0 {
            planned.push((bucket.name.clone(), i64::try_from(take).unwrap_or(i64::MAX)));
        }
    }
    planned
}

/// How many one endpoint may take at a time that is not known to answer well: where many of them are due, each is asked a
/// little rather than a few of them a lot, so that those who do answer are soon known.
struct Each {
    new: usize,
    ill: usize,
}

impl Each {
    fn of(lane: Lane, due: &[Bucket], flight: &Flight, budget: &Budget) -> Self {
        let most = |health| {
            let is_one =
                |bucket: &&Bucket| flight.health(lane, &bucket.name) == health && flight.room(lane, bucket, budget) > 0;
            let places = budget.places(Environment::Live, health, flight.taken());
            places.checked_div(due.iter().filter(is_one).count()).unwrap_or(places).max(1)
        };
        Self { new: most(Health::New), ill: most(Health::Ill) }
    }

    const fn most(&self, health: Health) -> usize {
        match health {
            Health::Well => usize::MAX,
            Health::New => self.new,
            Health::Ill => self.ill,
        }
    }
}

async fn take(
    store: &Store,
    lane: Lane,
    plan: Vec<(String, i64)>,
    now: Time,
    lease: LeaseId,
) -> Result<Vec<Task>, StoreError> {
    let taking = store.settle(move |tx| {
        let (plan, lease) = (plan.clone(), LeaseId::opaque(lease.as_str()));
        async move {
            let mut claimed = vec![];
            for (bucket, limit) in plan {
                claimed.extend(tasks::claim(tx, lane, &bucket, limit, now, now.plus(LEASE), &lease).await?);
            }
            Ok(claimed)
        }
        .boxed()
    });
    match on_behalf_of(Kind::Claim, None, taking).await {
        Ok(claimed) => Ok(claimed),
        Err(Failure::Broken(error)) => Err(error),
        Err(Failure::Refused(_) | Failure::Lost) => Ok(vec![]),
    }
}

#[cfg(test)]
mod tests {
    use model::id::PartnerId;

    use super::*;

    fn due(shares: &[(&str, &str)], environment: Environment) -> Vec<Bucket> {
        let bucket = |(name, partner): &(&str, &str)| Bucket {
            name: (*name).into(),
            partner: PartnerId::opaque(*partner),
            environment,
            due_at: Time(0),
        };
        shares.iter().map(bucket).collect()
    }

    #[test]
    fn a_claim_never_takes_more_than_the_lane_or_a_partner_has_room_for() {
        let budget = Budget::of(Lane::Delivery, 64, true);
        let endpoints: Vec<_> = (0..20).map(|n| format!("whe_{n}")).collect();
        let of_one: Vec<_> = endpoints.iter().map(|name| (name.as_str(), "org_1")).collect();
        let sum = |due: &[Bucket]| {
            plan(Lane::Delivery, due, &Flight::default(), &budget).iter().map(|(_, take)| take).sum::<i64>()
        };
        assert_eq!(sum(&due(&of_one[..3], Environment::Live)), 24);
        let others: Vec<_> = endpoints.iter().map(|name| (name.as_str(), name.as_str())).collect();
        assert_eq!(sum(&due(&others[..4], Environment::Live)), 32, "half is left to those who are known to answer");
        assert_eq!(sum(&due(&others, Environment::Live)), 20, "each is asked once before anybody is asked more");
        let (steps, live) = (Budget::of(Lane::Step, 64, true), due(&others, Environment::Live));
        let planned = |due: &[Bucket]| {
            plan(Lane::Step, due, &Flight::default(), &steps).iter().map(|(_, take)| take).sum::<i64>()
        };
        assert_eq!(planned(&live), 64);
        assert_eq!(planned(&due(&others, Environment::Test)), 48, "a quarter is left for whoever sells");
    }

    #[test]
    fn what_is_sold_goes_first_however_long_sandboxes_have_waited() {
        let budget = Budget::of(Lane::Step, 128, true);
        let crowd: Vec<_> = (0..50).map(|n| format!("org_{n}")).collect();
        let crowd: Vec<_> = crowd.iter().map(|name| (name.as_str(), name.as_str())).collect();
        let mut shares = due(&crowd, Environment::Test);
        shares.extend(due(&[("org_1:live", "org_1")], Environment::Live));
        let planned = plan(Lane::Step, &shares, &Flight::default(), &budget);
        assert_eq!(planned[0], ("org_1:live".to_owned(), 16));
        let sandboxes: i64 = planned[1..].iter().map(|(_, take)| take).sum();
        assert_eq!(sandboxes, 96);
    }
}
