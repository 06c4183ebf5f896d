//! What it takes to send deliveries, gathered for all that were claimed at once.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use model::clock::Now;
use model::delivery::{Delivery, DeliveryStatus, Endpoint};
use model::event::Event;
use model::id::{DeliveryId, EndpointId, EventId, Id, PartnerId};
use model::partner::Partner;
use model::task::Task;
use model::trace::TraceParent;
use secrecy::SecretString;
use store::{Db, StoreError, deliveries, endpoints, events, orders, partners};

use crate::parts::Parts;

/// An event as it is told: all its endpoints get the same bytes.
pub(super) struct Told {
    pub(super) event: Event,
    pub(super) body: String,
    /// Where in a trace its receiver goes on from.
    pub(super) trace: Option<TraceParent>,
}

/// An endpoint, and what is signed with for it.
pub(super) struct Signer {
    pub(super) endpoint: Endpoint,
    pub(super) secrets: Result<Vec<SecretString>, StoreError>,
}

/// A delivery that can be sent.
pub(crate) struct Sendable {
    pub(super) told: Arc<Told>,
    pub(super) signer: Arc<Signer>,
    /// How far its world's clock is ahead.
    pub(super) offset: i64,
}

/// What became of a delivery that was claimed.
pub(crate) enum Found {
    /// It can be sent.
    Sendable(Box<Sendable>),
    /// There is nothing to send, or nobody to send it to.
    Nothing,
    /// Nobody could look.
    Unknown,
}

/// Looks for what it takes to send what was claimed, in the order of the tasks. Where all cannot be read together, each is
/// looked for alone.
pub(crate) async fn gather(parts: &Parts, tasks: &[Task]) -> Vec<Found> {
    match found(parts, tasks).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, deliveries = tasks.len(), "what is to be delivered could not be read");
            let mut all = vec![];
            for task in tasks {
                let alone = if tasks.len() > 1 { found(parts, std::slice::from_ref(task)).await } else { Ok(vec![]) };
                all.push(alone.ok().and_then(|mut found| found.pop()).unwrap_or(Found::Unknown));
            }
            all
        }
    }
}

async fn found(parts: &Parts, tasks: &[Task]) -> Result<Vec<Found>, StoreError> {
    let mut db = parts.store.read().await?;
    let ids: Vec<_> = tasks.iter().map(|task| DeliveryId::opaque(&task.subject)).collect();
    let deliveries = by_id(deliveries::load_all(&mut db, &ids).await?, |one| one.id.clone());
    let told = told(&mut db, deliveries.values()).await?;
    let partners = partners::load_all(&mut db, &distinct(deliveries.values().map(|one| one.partner.clone()))).await?;
    let partners = by_id(partners, |one| one.id.clone());
    let signers = signers(parts, &mut db, &deliveries, &partners).await?;
    let sendable = |id: &DeliveryId| {
        let delivery = deliveries.get(id).filter(|one| one.status == DeliveryStatus::Pending)?;
        let offset = offset(partners.get(&delivery.partner)?, delivery)?;
        let signer = signers.get(&delivery.endpoint).filter(|signer| signer.endpoint.is_active())?.clone();
        Some(Sendable { told: told.get(&delivery.event)?.clone(), signer, offset })
    };
    let found = |id| sendable(id).map_or(Found::Nothing, |one| Found::Sendable(Box::new(one)));
    Ok(ids.iter().map(found).collect())
}

/// Nothing is sent of a sandbox that a reset has left behind.
fn offset(partner: &Partner, delivery: &Delivery) -> Option<i64> {
    let environment = delivery.world.environment();
    (partner.scope(environment).world == delivery.world).then(|| partner.offset(environment))
}

async fn told<'d>(
    db: &mut Db,
    deliveries: impl Iterator<Item = &'d Delivery>,
) -> Result<HashMap<EventId, Arc<Told>>, StoreError> {
    let events = events::load_all(db, &distinct(deliveries.map(|one| one.event.clone()))).await?;
    let traces = orders::traces(db, &distinct(events.iter().filter_map(|event| event.order.clone()))).await?;
    let told = |event: Event| {
        let trace = event.order.as_ref().and_then(|order| traces.get(order)).copied();
        (event.id.clone(), Arc::new(Told { body: event.body(), event, trace }))
    };
    Ok(events.into_iter().map(told).collect())
}

async fn signers(
    parts: &Parts,
    db: &mut Db,
    deliveries: &HashMap<DeliveryId, Delivery>,
    partners: &HashMap<PartnerId, Partner>,
) -> Result<HashMap<EndpointId, Arc<Signer>>, StoreError> {
    let ids = distinct(deliveries.values().map(|one| one.endpoint.clone()));
    let signer = |endpoint: Endpoint| {
        let offset = partners.get(&endpoint.partner).map_or(0, |partner| partner.offset(endpoint.environment));
        let now = Now { server: parts.clock.now(), offset };
        let secrets = endpoints::open_secrets(parts.store.vault(), &endpoint, now.partner());
        (endpoint.id.clone(), Arc::new(Signer { endpoint, secrets }))
    };
    Ok(endpoints::load_all(db, &ids).await?.into_iter().map(signer).collect())
}

fn by_id<T, I: Eq + Hash>(all: Vec<T>, id: impl Fn(&T) -> I) -> HashMap<I, T> {
    all.into_iter().map(|one| (id(&one), one)).collect()
}

fn distinct<I: Eq + Hash>(ids: impl Iterator<Item = I>) -> Vec<I> {
    ids.collect::<HashSet<_>>().into_iter().collect()
}
