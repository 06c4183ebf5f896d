//! One attempt to deliver one event to one endpoint.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{SECOND, Time};
use model::delivery::{Attempt, Delivery, DeliveryStatus, Endpoint, TIMEOUT, abandon, settle};
use model::event::Event;
use model::id::{DeliveryId, Id};
use model::task::{Task, back_off};
use providers::egress::{EgressError, Reply, Trust};
use store::{Failure, Halt, StoreError, Tx, deliveries, endpoints, events, tasks};

use crate::parts::Parts;
use crate::signature;

/// Sends what is due, and writes what came of it.
pub(crate) async fn work(parts: &Arc<Parts>, task: &Task) {
    let result = match attempt(parts, task).await {
        Ok(sent) => write(parts, task, sent).await,
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => {}
        Err(Failure::Lost) => tracing::info!(task = %task.id, "another worker has this delivery"),
        Err(failure) => put_back(parts, task, &failure).await,
    }
}

/// A failure of ours: the delivery is tried again later and later, and others do not wait for it. Sent
/// twice, it has the same event id.
async fn put_back(parts: &Arc<Parts>, task: &Task, failure: &Failure) {
    tracing::error!(task = %task.id, subject = task.subject, %failure, "a delivery could not be made or settled");
    let policy = &parts.settings.policy;
    let delay = back_off(task.attempts + 1, SECOND, policy.retry_cap, parts.ids.fraction());
    let (id, lease, due) = (task.id.clone(), task.lease.clone().unwrap_or_default(), parts.clock.now().plus(delay));
    let back = parts.store.settle(move |tx| {
        let (id, lease) = (id.clone(), lease.clone());
        async move { tasks::retry(tx, &id, &lease, due).await }.boxed()
    });
    if let Err(failure) = back.await {
        tracing::warn!(task = %task.id, %failure, "the delivery stays on its lease until that runs out");
    }
}

/// What an attempt found out.
enum Sent {
    /// There was nothing to send, or nobody to send it to.
    Nothing,
    /// It was sent, or at least tried.
    Tried { url: String, attempt: Attempt, retry_after: Option<u64> },
}

async fn attempt(parts: &Arc<Parts>, task: &Task) -> Result<Sent, StoreError> {
    let mut db = parts.store.read().await?;
    let Some(delivery) = deliveries::load(&mut db, &DeliveryId::opaque(&task.subject)).await? else {
        return Ok(Sent::Nothing);
    };
    let event = events::load(&mut db, &delivery.event).await?;
    let endpoint = endpoints::load(&mut db, &delivery.endpoint).await?;
    drop(db);
    match (event, endpoint) {
        (Some(event), Some(endpoint)) if endpoint.active && delivery.status == DeliveryStatus::Pending => {
            send(parts, &event, &endpoint).await
        }
        _ => Ok(Sent::Nothing),
    }
}

async fn send(parts: &Arc<Parts>, event: &Event, endpoint: &Endpoint) -> Result<Sent, StoreError> {
    let began = parts.clock.now();
    let secrets = endpoints::open_secrets(parts.store.vault(), endpoint, began)?;
    let body = event.body();
    let headers = signature::headers(event.id.as_str(), began.seconds(), &body, &secrets);
    let trust = Trust::of(endpoint.environment, parts.settings.development);
    let timeout = Duration::from_micros(TIMEOUT.unsigned_abs());
    let reply = parts.courier.post(&endpoint.url, headers, body.into_bytes(), timeout, trust).await;
    let took = parts.clock.now().millis() - began.millis();
    let retry_after = reply.as_ref().ok().and_then(|reply| reply.retry_after);
    Ok(Sent::Tried { url: endpoint.url.clone(), attempt: describe(began, took, reply), retry_after })
}

fn describe(at: Time, duration_ms: i64, reply: Result<Reply, EgressError>) -> Attempt {
    match reply {
        Ok(reply) => Attempt {
            at,
            status_code: Some(reply.status),
            duration_ms,
            response: Some(String::from_utf8_lossy(&reply.body).replace('\0', "")),
            error: None,
        },
        Err(error) => Attempt { at, status_code: None, duration_ms, response: None, error: Some(error.to_string()) },
    }
}

async fn write(parts: &Arc<Parts>, task: &Task, sent: Sent) -> Result<(), Failure> {
    let shared = Arc::new((parts.clone(), task.clone(), sent, parts.ids.fraction()));
    parts
        .store
        .settle(move |tx| {
            let shared = shared.clone();
            async move {
                let (parts, task, sent, fraction) = &*shared;
                write_in(tx, parts, task, sent, *fraction).await
            }
            .boxed()
        })
        .await
}

async fn write_in(tx: &mut Tx, parts: &Parts, task: &Task, sent: &Sent, fraction: f64) -> Result<(), Halt> {
    let lease = task.lease.as_deref().unwrap_or_default();
    let now = parts.clock.now();
    tasks::still_mine(tx, &task.id, lease).await?;
    let Some(delivery) = deliveries::load(tx, &DeliveryId::opaque(&task.subject)).await? else {
        return tasks::finish(tx, &task.id, lease).await;
    };
    let endpoint = endpoints::load(tx, &delivery.endpoint).await?;
    let (change, again_at) = decide(&delivery, endpoint.as_ref(), sent, now, fraction);
    tx.apply(change, &parts.ids, now).await?;
    match again_at {
        Some(due) => tasks::postpone(tx, &task.id, lease, due).await,
        None => tasks::finish(tx, &task.id, lease).await,
    }
}

fn decide(
    delivery: &Delivery,
    endpoint: Option<&Endpoint>,
    sent: &Sent,
    now: Time,
    fraction: f64,
) -> (Change, Option<Time>) {
    match (sent, endpoint) {
        (Sent::Tried { url, attempt, retry_after }, Some(endpoint)) => {
            let mut settled = settle(delivery, endpoint, attempt.clone(), *retry_after, now, fraction);
            if *url != endpoint.url {
                // What an address that was replaced meanwhile answers says nothing about the new one.
                settled.change.endpoints.update.clear();
            }
            (settled.change, settled.again_at)
        }
        _ if delivery.status == DeliveryStatus::Pending => (abandon(delivery), None),
        _ => (Change::default(), None),
    }
}
