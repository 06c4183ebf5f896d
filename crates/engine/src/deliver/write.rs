//! Decides what follows from attempts, and writes it for many of one partner's world in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{Now, Time};
use model::delivery::{Delivery, DeliveryStatus, DisabledReason, Endpoint, Settled, abandon, settle};
use model::id::{DeliveryId, EndpointId, Id, PartnerId, TaskId};
use model::task::Task;
use model::world::World;
use store::{Failure, Halt, Locks, Tx, deliveries, endpoints, tasks};

use super::attempted::{Attempted, Sent};
use crate::gathering::Owner;
use crate::parts::Parts;

/// What became of one result: why its endpoint gets nothing from now on, when that was decided by it.
type Written = Result<Option<DisabledReason>, Failure>;

/// Writes results, and answers in their order what became of each. Where they cannot be written together, each is written alone,
/// so that one that cannot be read keeps nobody else's back.
pub(super) async fn write(parts: &Arc<Parts>, owner: &Owner, some: Vec<Arc<Attempted>>) -> Vec<Written> {
    match together(parts, owner, some.clone()).await {
        Ok(written) => written.into_iter().map(|one| one.ok_or(Failure::Lost)).collect(),
        Err(Failure::Lost) => some.iter().map(|_| Err(Failure::Lost)).collect(),
        Err(failure) if some.len() == 1 => vec![Err(failure)],
        Err(failure) => {
            tracing::warn!(%failure, deliveries = some.len(), "deliveries could not be settled together; each is settled alone");
            let mut written = vec![];
            for one in some {
                let alone = together(parts, owner, vec![one]).await;
                written.push(alone.and_then(|mut all| all.pop().flatten().ok_or(Failure::Lost)));
            }
            written
        }
    }
}

async fn together(
    parts: &Arc<Parts>,
    (partner, world): &Owner,
    some: Vec<Arc<Attempted>>,
) -> Result<Vec<Option<Option<DisabledReason>>>, Failure> {
    let shared = Arc::new((parts.clone(), partner.clone(), world.clone(), some));
    let writing = parts.store.settle(move |tx| {
        let shared = shared.clone();
        async move {
            let (parts, partner, world, some) = &*shared;
            write_in(tx, parts, (partner, world), some).await
        }
        .boxed()
    });
    writing.await
}

/// What became of each; `None` for those that are somebody else's.
async fn write_in(
    tx: &mut Tx,
    parts: &Parts,
    (partner, world): (&PartnerId, &World),
    some: &[Arc<Attempted>],
) -> Result<Vec<Option<Option<DisabledReason>>>, Halt> {
    let leased: Vec<_> = some.iter().map(|one| (one.task.id.clone(), lease(&one.task).to_owned())).collect();
    let (held, mine) = Locks::new(tx).tasks(&leased).await?;
    // Read anew: the test clock may have been moved while we were waiting for the answer.
    let (mut tx, offset) = held.clock(partner, world).await?;
    let now = Now { server: parts.clock.now(), offset };
    let ours = some.iter().filter(|one| mine.contains(&one.task.id));
    let mut deciding = Deciding::load(&mut tx, ours).await?;
    let decide = |one: &Arc<Attempted>| mine.contains(&one.task.id).then(|| deciding.decide(one, now));
    let decided = some.iter().map(decide).collect();
    deciding.write(&mut tx, parts, now).await?;
    Ok(decided)
}

fn lease(task: &Task) -> &str {
    task.lease.as_deref().unwrap_or_default()
}

/// Rows as they are after each decision, and what is to be written at last: several deliveries to one endpoint are decided one
/// after the other.
#[derive(Default)]
struct Deciding {
    deliveries: BTreeMap<DeliveryId, Delivery>,
    endpoints: BTreeMap<EndpointId, Endpoint>,
    changed: (BTreeSet<DeliveryId>, BTreeSet<EndpointId>),
    finished: Vec<TaskId>,
    /// Tasks, their leases, and when they are due again, server time.
    again: Vec<(TaskId, String, Time)>,
}

impl Deciding {
    async fn load(tx: &mut Tx, ours: impl Iterator<Item = &Arc<Attempted>>) -> Result<Self, Halt> {
        let ids: Vec<_> = ours.map(|one| DeliveryId::opaque(&one.task.subject)).collect();
        let deliveries = deliveries::load_all(tx, &ids).await?;
        let ids: BTreeSet<_> = deliveries.iter().map(|one| one.endpoint.clone()).collect();
        let endpoints = endpoints::load_all(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
        Ok(Self {
            deliveries: deliveries.into_iter().map(|one| (one.id.clone(), one)).collect(),
            endpoints: endpoints.into_iter().map(|one| (one.id.clone(), one)).collect(),
            ..Self::default()
        })
    }

    /// Decides what follows from one attempt; answers why its endpoint gets nothing from now on, when that was decided here.
    fn decide(&mut self, one: &Attempted, now: Now) -> Option<DisabledReason> {
        let Some(delivery) = self.deliveries.get(&DeliveryId::opaque(&one.task.subject)) else {
            self.finished.push(one.task.id.clone());
            return None;
        };
        let settled = settled(delivery, self.endpoints.get(&delivery.endpoint), one, now.partner());
        for delivery in settled.change.deliveries.update {
            self.changed.0.insert(delivery.id.clone());
            self.deliveries.insert(delivery.id.clone(), delivery);
        }
        for endpoint in settled.change.endpoints.update {
            self.changed.1.insert(endpoint.id.clone());
            self.endpoints.insert(endpoint.id.clone(), endpoint);
        }
        match settled.again_at {
            Some(due) => self.again.push((one.task.id.clone(), lease(&one.task).to_owned(), now.due(due))),
            None => self.finished.push(one.task.id.clone()),
        }
        settled.disabled
    }

    async fn write(self, tx: &mut Tx, parts: &Parts, now: Now) -> Result<(), Halt> {
        let (deliveries, endpoints) = self.changed;
        let mut change = Change::default();
        change.deliveries.update = self.deliveries.into_values().filter(|one| deliveries.contains(&one.id)).collect();
        change.endpoints.update = self.endpoints.into_values().filter(|one| endpoints.contains(&one.id)).collect();
        tx.apply(change, &parts.ids, now.server).await?;
        tasks::finish_all(tx, &self.finished).await?;
        for (task, lease, due) in self.again {
            tasks::postpone(tx, &task, &lease, due).await?;
        }
        Ok(())
    }
}

fn settled(delivery: &Delivery, endpoint: Option<&Endpoint>, one: &Attempted, now: Time) -> Settled {
    match (&one.sent, endpoint) {
        (Sent::Tried(tried), Some(endpoint)) => settle(delivery, endpoint, tried, now, one.fraction),
        _ if delivery.status == DeliveryStatus::Pending => abandon(delivery),
        _ => Settled::default(),
    }
}
