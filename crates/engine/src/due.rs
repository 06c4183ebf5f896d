//! What is due in a lane, as far as this process knows.

use std::collections::HashSet;
use std::time::Duration;

use model::clock::Time;
use model::task::Lane;
use store::tasks::{self, Bucket};
use store::{Db, StoreError};
use tokio::time::Instant;

/// So many due tasks are looked at each time: fewer, and what is due is all known.
const NEXT: i64 = 128;

/// How often all shares are gone through where more than that is due. Meanwhile a share that has come to be due behind
/// those of others waits for at most so long.
const ROUND: Duration = Duration::from_secs(1);

/// Shares that have something due.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// What the last round has found, as far as it is not known to be used up.
    round: Vec<Bucket>,
    round_at: Option<Instant>,
}

impl Due {
    /// The shares of a lane that have something due, the longest waiting first.
    pub(crate) async fn look(&mut self, db: &mut Db, lane: Lane, now: Time) -> Result<Vec<Bucket>, StoreError> {
        let (next, is_all) = tasks::next_due_buckets(db, lane, now, NEXT).await?;
        if is_all {
            *self = Self::default();
            return Ok(next);
        }
        if self.round_at.is_none_or(|at| at.elapsed() >= ROUND) {
            self.round = tasks::due_buckets(db, lane, now).await?;
            self.round_at = Some(Instant::now());
        }
        Ok(self.with(next))
    }

    fn with(&self, next: Vec<Bucket>) -> Vec<Bucket> {
        let known: HashSet<_> = next.iter().map(|bucket| bucket.name.as_str()).collect();
        let mut all: Vec<_> =
            self.round.iter().filter(|bucket| !known.contains(bucket.name.as_str())).cloned().collect();
        all.extend(next);
        all.sort_by_key(|bucket| bucket.due_at);
        all
    }

    /// Nothing else is due of some shares.
    pub(crate) fn used_up(&mut self, shares: &[String]) {
        let shares: HashSet<_> = shares.iter().map(String::as_str).collect();
        if !shares.is_empty() {
            self.round.retain(|bucket| !shares.contains(bucket.name.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::id::{Id as _, PartnerId};
    use model::world::Environment;

    use super::*;

    fn bucket(name: &str, due_at: i64) -> Bucket {
        let (partner, environment) = (PartnerId::opaque("org_1"), Environment::Live);
        Bucket { name: name.into(), partner, environment, due_at: Time(due_at) }
    }

    #[test]
    fn what_is_behind_the_next_ones_is_known_until_it_is_used_up() {
        let mut due = Due { round: vec![bucket("flood", 1), bucket("late", 9)], round_at: None };
        let names = |due: &Due| {
            due.with(vec![bucket("flood", 2), bucket("new", 3)]).into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&due), ["flood", "new", "late"]);
        due.used_up(&["late".to_owned()]);
        assert_eq!(names(&due), ["flood", "new"]);
    }
}
