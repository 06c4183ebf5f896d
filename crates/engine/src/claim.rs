//! Takes what is due, fairly.

use futures_util::FutureExt as _;
use model::clock::{SECOND, Time};
use model::id::{Id, LeaseId};
use model::task::{Lane, Task};
use store::{Failure, Store, StoreError, tasks};

use crate::flight::{Budget, Flight};

/// How long a claim holds a task before others may take it, in microseconds.
pub(crate) const LEASE: i64 = 30 * SECOND;

/// What a claim brought.
#[derive(Debug, Default)]
pub(crate) struct Claimed {
    pub(crate) tasks: Vec<Task>,
    /// Whether more was due than could be taken.
    pub(crate) more: bool,
}

/// Claims due tasks of a lane: from each share in turn, as much as there is room for it.
pub(crate) async fn claim(
    store: &Store,
    lane: Lane,
    flight: &Flight,
    budget: &Budget,
    now: Time,
    lease: LeaseId,
) -> Result<Claimed, StoreError> {
    if flight.is_full(budget) {
        return Ok(Claimed { tasks: vec![], more: true });
    }
    let due = tasks::due_buckets(&mut store.read().await?, lane, now).await?;
    let wanted: Vec<_> = due
        .iter()
        .map(|bucket| (bucket.name.clone(), flight.room(bucket, budget)))
        .filter(|(_, room)| *room > 0)
        .collect();
    let mut more = wanted.len() < due.len();
    if wanted.is_empty() {
        return Ok(Claimed { tasks: vec![], more });
    }
    let mut places = budget.total;
    let plan: Vec<_> = wanted
        .into_iter()
        .map_while(|(bucket, room)| {
            let take = room.min(places);
            places -= take;
            (take > 0).then_some((bucket, i64::try_from(take).unwrap_or(i64::MAX)))
        })
        .collect();
    let asked: i64 = plan.iter().map(|(_, take)| take).sum();
    let claimed = take(store, lane, plan.clone(), now, lease).await?;
    more |=
        plan.iter().any(|(bucket, take)| claimed.iter().filter(|task| task.bucket == *bucket).count() as i64 == *take);
    debug_assert!(
        i64::try_from(claimed.len()).is_ok_and(|taken| taken <= asked),
        "a claim takes no more than it asked for"
    );
    Ok(Claimed { tasks: claimed, more })
}

async fn take(
    store: &Store,
    lane: Lane,
    plan: Vec<(String, i64)>,
    now: Time,
    lease: LeaseId,
) -> Result<Vec<Task>, StoreError> {
    let result = store
        .settle(move |tx| {
            let (plan, lease) = (plan.clone(), LeaseId::opaque(lease.as_str()));
            async move {
                let mut claimed = vec![];
                for (bucket, limit) in plan {
                    claimed.extend(tasks::claim(tx, lane, &bucket, limit, now, now.plus(LEASE), &lease).await?);
                }
                Ok(claimed)
            }
            .boxed()
        })
        .await;
    match result {
        Ok(claimed) => Ok(claimed),
        Err(Failure::Broken(error)) => Err(error),
        Err(Failure::Refused(_) | Failure::Lost) => Ok(vec![]),
    }
}
