//! One attempt: signed, sent, and counted.

use std::time::Duration;

use model::clock::{Now, SECOND, Time};
use model::delivery::{Attempt, TIMEOUT, Tried, printable};
use model::event::Event;
use model::id::{Id, drawn_at};
use model::metric;
use model::trace;
use providers::egress::{EgressError, Reply, Trust};
use tokio::time::Instant;
use tracing::Span;

use super::attempted::Sent;
use super::gather::{Sendable, Signer, Told};
use crate::pace::Answered;
use crate::parts::Parts;
use crate::signature;

/// Sends a delivery, and says how the endpoint took it. The signature carries the machine's time, because the receiver holds it
/// against a clock of its own; everything else is the partner's.
pub(super) async fn send(parts: &Parts, sendable: &Sendable) -> (Sent, Option<Answered>) {
    let Sendable { told, signer, offset } = sendable;
    let (Told { event, body, trace: from }, Signer { endpoint, secrets }) = (&**told, &**signer);
    let secrets = match secrets {
        Ok(secrets) => secrets,
        Err(error) => {
            tracing::error!(endpoint = %endpoint.id, %error, "what a webhook is signed with cannot be opened");
            return (Sent::Unable, None);
        }
    };
    let span = Span::current();
    traces::tell(&span, "event", Some(&event.id));
    traces::tell(&span, "order", event.order.as_ref());
    traces::tell(&span, "domain", event.domain.as_ref());
    let place = traces::follow(&span, *from);
    traces::tell(&span, "trace_id", place.map(|place| place.trace_id()));
    let (began, sent_at) = (Now { server: parts.clock.now(), offset: *offset }, parts.clock.wall());
    let mut headers = signature::headers(event.id.as_str(), sent_at.seconds(), body, secrets);
    headers.extend(place.map(|place| (trace::HEADER.to_owned(), place.to_string())));
    let trust = Trust::of(endpoint.environment, parts.settings.development);
    let (timeout, asked_at) = (Duration::from_micros(TIMEOUT.unsigned_abs()), Instant::now());
    let reply = parts.courier.post(&endpoint.url, headers, body.clone().into_bytes(), timeout, trust).await;
    if matches!(reply, Err(EgressError::Ours)) {
        return (Sent::Unable, None);
    }
    let ended = parts.clock.now();
    let answered = Answered { took: asked_at.elapsed(), is_received: is_received(&reply) };
    measure(event, &reply, began.server, ended);
    let asked = reply.as_ref().ok().and_then(|reply| reply.retry_after);
    let took = ended.millis() - began.server.millis();
    let tried = Tried {
        attempt: describe(began.partner(), took.max(0), reply),
        url: endpoint.url.clone(),
        retry_after_seconds: asked.map(|asked| asked.seconds(parts.clock.wall())),
    };
    (Sent::Tried(tried), Some(answered))
}

fn is_received(reply: &Result<Reply, EgressError>) -> bool {
    reply.as_ref().is_ok_and(|reply| (200..300).contains(&reply.status))
}

/// Counts an attempt. The delay is in server time, which no test clock moves.
fn measure(event: &Event, reply: &Result<Reply, EgressError>, began: Time, ended: Time) {
    let seconds = |from: Time| (ended.0 - from.0).max(0) as f64 / SECOND as f64;
    let outcome = match reply {
        Ok(_) if is_received(reply) => "received",
        Ok(_) => "refused",
        Err(_) => "unreachable",
    };
    traces::note(&Span::current(), "outcome", outcome);
    if !is_received(reply) {
        traces::fail(&Span::current(), outcome);
    }
    metrics::counter!(metric::DELIVERY_ATTEMPTS, "outcome" => outcome).increment(1);
    let partner = event.partner.to_string();
    metrics::counter!(metric::PARTNER_DELIVERY_ATTEMPTS, "partner" => partner, "outcome" => outcome).increment(1);
    metrics::histogram!(metric::DELIVERY_ATTEMPT_SECONDS).record(seconds(began));
    if let Some(told) = drawn_at(&event.id).filter(|_| is_received(reply)) {
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
