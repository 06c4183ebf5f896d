//! Deliveries: sent one by one, gathered and written down many at once.

use std::sync::Arc;

use model::clock::SECOND;
use model::task::Task;
use store::Failure;
use tracing::{Instrument as _, field};

use crate::pace::Answered;
use crate::parts::Parts;
use crate::put_back::put_back;

mod gather;
mod results;
mod send;
mod settling;
mod write;

pub(crate) use self::gather::{Found, gather};
pub use self::results::Results;
use self::results::Sent;

/// Sends what is due, and writes what came of it. Sent twice after a failure of ours, it has the same event id. Answers how the
/// endpoint took it, if it was asked.
pub(crate) async fn work(parts: &Arc<Parts>, task: &Task, found: Found) -> Option<Answered> {
    let span = tracing::info_span!(
        "delivery", partner = %task.partner, world = %task.world, delivery = %task.subject, endpoint = %task.bucket,
        attempt = task.attempts + 1, event = field::Empty, order = field::Empty, domain = field::Empty,
        trace_id = field::Empty
    );
    send_and_settle(parts, task, found).instrument(span).await
}

async fn send_and_settle(parts: &Arc<Parts>, task: &Task, found: Found) -> Option<Answered> {
    let (sent, answered) = match found {
        Found::Sendable(sendable) => send::send(parts, &sendable).await,
        Found::Nothing => (Sent::Nothing, None),
        Found::Unknown => {
            put_back(parts, task, SECOND).await;
            return None;
        }
    };
    if matches!(sent, Sent::Unable) {
        tracing::warn!(task = %task.id, subject = task.subject, "this server could not send a webhook; it tries again");
        put_back(parts, task, SECOND).await;
        return None;
    }
    match settling::settle(parts, task, sent).await {
        Ok(None) => {}
        Ok(Some(reason)) => {
            let (partner, reason) = (&task.partner, reason.as_str());
            tracing::warn!(%partner, endpoint = task.bucket, reason, "a webhook endpoint is disabled: nothing is sent to it until it is enabled again");
        }
        Err(Failure::Lost) => tracing::info!(task = %task.id, "another worker has this delivery"),
        Err(failure) => {
            tracing::error!(task = %task.id, subject = task.subject, %failure, "a delivery could not be settled");
            put_back(parts, task, SECOND).await;
        }
    }
    answered
}
