//! One attempt to deliver one event to one endpoint.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::{Now, SECOND, Time};
use model::delivery::{
    Attempt, Delivery, DeliveryStatus, DisabledReason, Endpoint, Settled, TIMEOUT, Tried, abandon, printable, settle,
};
use model::event::Event;
use model::id::{DeliveryId, Id, drawn_at};
use model::metric;
use model::task::Task;
use model::trace::{self, TraceParent};
use providers::egress::{EgressError, Reply, Trust};
use store::{Db, Failure, Halt, Locks, StoreError, Tx, deliveries, endpoints, events, orders, partners, tasks};
use tracing::{Instrument as _, Span, field};

use crate::parts::Parts;
use crate::put_back::put_back;
use crate::signature;

/// Sends what is due, and writes what came of it. Sent twice after a failure of ours, it has the same event id.
pub(crate) async fn work(parts: &Arc<Parts>, task: &Task) {
    let span = tracing::info_span!(
        "delivery", partner = %task.partner, world = %task.world, delivery = %task.subject, endpoint = %task.bucket,
        attempt = task.attempts + 1, event = field::Empty, order = field::Empty, domain = field::Empty,
        trace_id = field::Empty
    );
    send_and_settle(parts, task).instrument(span).await;
}

async fn send_and_settle(parts: &Arc<Parts>, task: &Task) {
    let result = match attempt(parts, task).await {
        Ok(Sent::Unable) => {
            tracing::warn!(task = %task.id, subject = task.subject, "this server could not send a webhook; it tries again");
            put_back(parts, task, SECOND).await;
            return;
        }
        Ok(sent) => write(parts, task, sent).await,
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => {}
        Err(Failure::Lost) => tracing::info!(task = %task.id, "another worker has this delivery"),
        Err(failure) => {
            tracing::error!(task = %task.id, subject = task.subject, %failure, "a delivery could not be made or settled");
            put_back(parts, task, SECOND).await;
        }
    }
}

/// What an attempt found out.
enum Sent {
    /// There was nothing to send, or nobody to send it to.
    Nothing,
    /// This machine could not send. That is no attempt: it says nothing about the endpoint.
    Unable,
    /// It was sent, or at least tried.
    Tried(Tried),
}

async fn attempt(parts: &Arc<Parts>, task: &Task) -> Result<Sent, StoreError> {
    let mut db = parts.store.read().await?;
    let Some(delivery) = deliveries::load(&mut db, &DeliveryId::opaque(&task.subject)).await? else {
        return Ok(Sent::Nothing);
    };
    traces::tell(&Span::current(), "event", Some(&delivery.event));
    let event = events::load(&mut db, &delivery.event).await?;
    let place = place(&mut db, event.as_ref()).await?;
    let endpoint = endpoints::load(&mut db, &delivery.endpoint).await?;
    let partner = partners::get(&mut db, &delivery.partner).await?;
    let environment = delivery.world.environment();
    // Nothing is sent of a sandbox that a reset has left behind.
    let partner = partner.filter(|partner| partner.scope(environment).world == delivery.world);
    let Some(offset) = partner.map(|partner| partner.offset(environment)) else { return Ok(Sent::Nothing) };
    drop(db);
    match (event, endpoint) {
        (Some(event), Some(endpoint)) if endpoint.is_active() && delivery.status == DeliveryStatus::Pending => {
            let tried = send(parts, &event, &endpoint, offset, place).await?;
            Ok(tried.map_or(Sent::Unable, Sent::Tried))
        }
        _ => Ok(Sent::Nothing),
    }
}

/// Says whom an event is about, and answers where in a trace its receiver goes on from.
async fn place(db: &mut Db, event: Option<&Event>) -> Result<Option<TraceParent>, StoreError> {
    let (span, order) = (Span::current(), event.and_then(|event| event.order.as_ref()));
    let from = match order {
        Some(order) => orders::trace(db, order).await?,
        None => None,
    };
    traces::tell(&span, "order", order);
    traces::tell(&span, "domain", event.and_then(|event| event.domain.as_ref()));
    let place = traces::follow(&span, from);
    traces::tell(&span, "trace_id", place.map(|place| place.trace_id()));
    Ok(place)
}

/// `None` when nothing could be sent for a reason of ours. The signature carries the machine's time, because the
/// receiver holds it against a clock of its own; everything else is the partner's.
async fn send(
    parts: &Arc<Parts>,
    event: &Event,
    endpoint: &Endpoint,
    offset: i64,
    place: Option<TraceParent>,
) -> Result<Option<Tried>, StoreError> {
    let (began, sent_at) = (Now { server: parts.clock.now(), offset }, parts.clock.wall());
    let secrets = endpoints::open_secrets(parts.store.vault(), endpoint, began.partner())?;
    let body = event.body();
    let mut headers = signature::headers(event.id.as_str(), sent_at.seconds(), &body, &secrets);
    headers.extend(place.map(|place| (trace::HEADER.to_owned(), place.to_string())));
    let trust = Trust::of(endpoint.environment, parts.settings.development);
    let timeout = Duration::from_micros(TIMEOUT.unsigned_abs());
    let reply = parts.courier.post(&endpoint.url, headers, body.into_bytes(), timeout, trust).await;
    if matches!(reply, Err(EgressError::Ours)) {
        return Ok(None);
    }
    let ended = parts.clock.now();
    measure(event, &reply, began.server, ended);
    let asked = reply.as_ref().ok().and_then(|reply| reply.retry_after);
    let took = ended.millis() - began.server.millis();
    Ok(Some(Tried {
        attempt: describe(began.partner(), took.max(0), reply),
        url: endpoint.url.clone(),
        retry_after_seconds: asked.map(|asked| asked.seconds(parts.clock.wall())),
    }))
}

/// Counts an attempt. The delay is in server time, which no test clock moves.
fn measure(event: &Event, reply: &Result<Reply, EgressError>, began: Time, ended: Time) {
    let seconds = |from: Time| (ended.0 - from.0).max(0) as f64 / SECOND as f64;
    let is_received = reply.as_ref().is_ok_and(|reply| (200..300).contains(&reply.status));
    let outcome = match reply {
        Ok(_) if is_received => "received",
        Ok(_) => "refused",
        Err(_) => "unreachable",
    };
    traces::note(&Span::current(), "outcome", outcome);
    if !is_received {
        traces::fail(&Span::current(), outcome);
    }
    metrics::counter!(metric::DELIVERY_ATTEMPTS, "outcome" => outcome).increment(1);
    let partner = event.partner.to_string();
    metrics::counter!(metric::PARTNER_DELIVERY_ATTEMPTS, "partner" => partner, "outcome" => outcome).increment(1);
    metrics::histogram!(metric::DELIVERY_ATTEMPT_SECONDS).record(seconds(began));
    if let Some(told) = drawn_at(&event.id).filter(|_| is_received) {
        metrics::histogram!(metric::DELIVERY_DELAY_SECONDS).record(seconds(told));
    }
}

fn describe(at: Time, duration_ms: i64, reply: Result<Reply, EgressError>) -> Attempt {
    match reply {
        Ok(reply) => Attempt {
            at,
            status_code: Some(reply.status),
            duration_ms,
            response: Some(printable(&reply.body)),
            error: None,
        },
        Err(error) => Attempt { at, status_code: None, duration_ms, response: None, error: Some(error.to_string()) },
    }
}

async fn write(parts: &Arc<Parts>, task: &Task, sent: Sent) -> Result<(), Failure> {
    let shared = Arc::new((parts.clone(), task.clone(), sent, parts.ids.fraction()));
    let written = parts.store.settle(move |tx| {
        let shared = shared.clone();
        async move {
            let (parts, task, sent, fraction) = &*shared;
            write_in(tx, parts, task, sent, *fraction).await
        }
        .boxed()
    });
    if let Some(reason) = written.await? {
        let (partner, reason) = (&task.partner, reason.as_str());
        tracing::warn!(%partner, endpoint = task.bucket, reason, "a webhook endpoint is disabled: nothing is sent to it until it is enabled again");
    }
    Ok(())
}

/// Answers why the endpoint gets nothing from now on, when that was decided here.
async fn write_in(
    tx: &mut Tx,
    parts: &Parts,
    task: &Task,
    sent: &Sent,
    fraction: f64,
) -> Result<Option<DisabledReason>, Halt> {
    let lease = task.lease.as_deref().unwrap_or_default();
    // Read anew: the test clock may have been moved while we were waiting for the answer.
    let (mut tx, offset) = Locks::new(tx).task(&task.id, lease).await?.clock(&task.partner, &task.world).await?;
    let tx = &mut *tx;
    let Some(delivery) = deliveries::load(tx, &DeliveryId::opaque(&task.subject)).await? else {
        return tasks::finish(tx, &task.id, lease).await.map(|()| None);
    };
    let endpoint = endpoints::load(tx, &delivery.endpoint).await?;
    let now = Now { server: parts.clock.now(), offset };
    let settled = decide(&delivery, endpoint.as_ref(), sent, now.partner(), fraction);
    tx.apply(settled.change, &parts.ids, now.server).await?;
    match settled.again_at {
        Some(due) => tasks::postpone(tx, &task.id, lease, now.due(due)).await?,
        None => tasks::finish(tx, &task.id, lease).await?,
    }
    Ok(settled.disabled)
}

fn decide(delivery: &Delivery, endpoint: Option<&Endpoint>, sent: &Sent, now: Time, fraction: f64) -> Settled {
    match (sent, endpoint) {
        (Sent::Tried(tried), Some(endpoint)) => settle(delivery, endpoint, tried, now, fraction),
        _ if delivery.status == DeliveryStatus::Pending => abandon(delivery),
        _ => Settled::default(),
    }
}
