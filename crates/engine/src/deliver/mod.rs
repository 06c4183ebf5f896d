//! Deliveries: sent one by one, gathered and written down many at once.

use std::sync::Arc;
use std::time::Duration;

use model::clock::SECOND;
use model::task::Task;
use store::Failure;
use tracing::{Instrument as _, Span, field};

use crate::pace::Answered;
use crate::parts::Parts;
use crate::put_back::put_back;

mod attempted;
mod gather;
mod outbox;
mod send;
mod write;

pub(crate) use self::attempted::Attempted;
use self::attempted::Sent;
pub(crate) use self::gather::{Found, gather};
pub(crate) use self::outbox::{Outbox, Ready};

/// A delivery that has waited longer than this since it was claimed is not sent any more: its lease has to last until its answer is
/// written, and what was read of its endpoint should still be true.
const LATEST: Duration = Duration::from_secs(5);

/// What came of sending a delivery, still to be written.
pub(crate) struct Outcome {
    task: Task,
    sent: Sent,
    span: Span,
}

impl Outcome {
    /// Whose it is.
    pub(crate) const fn task(&self) -> &Task {
        &self.task
    }

    /// Of a delivery whose sending has died.
    pub(crate) fn unable(task: Task) -> Self {
        Self { task, sent: Sent::Unable, span: Span::none() }
    }
}

/// Sends what is due. Sent twice after a failure of ours, it has the same event id. Answers too how the endpoint took it, if it was
/// asked.
pub(crate) async fn send(parts: &Arc<Parts>, ready: Ready) -> (Outcome, Option<Answered>) {
    let Ready { task, found, claimed_at } = ready;
    let span = tracing::info_span!(
        "delivery", partner = %task.partner, world = %task.world, delivery = %task.subject, endpoint = %task.bucket,
        attempt = task.attempts + 1, event = field::Empty, order = field::Empty, domain = field::Empty,
        trace_id = field::Empty
    );
    let (sent, answered) = match found {
        Found::Sendable(_) if claimed_at.elapsed() > LATEST => (Sent::Unable, None),
        Found::Sendable(sendable) => send::send(parts, &sendable).instrument(span.clone()).await,
        Found::Nothing => (Sent::Nothing, None),
        Found::Unknown => (Sent::Unable, None),
    };
    (Outcome { task, sent, span }, answered)
}

/// Writes what came of a delivery.
pub(crate) async fn settle(parts: &Arc<Parts>, outcome: Outcome) {
    let Outcome { task, sent, span } = outcome;
    written(parts, &task, sent).instrument(span).await;
}

async fn written(parts: &Arc<Parts>, task: &Task, sent: Sent) {
    if matches!(sent, Sent::Unable) {
        tracing::warn!(task = %task.id, subject = task.subject, "a webhook could not be sent now; it is tried again");
        put_back(parts, task, SECOND).await;
        return;
    }
    let attempted = Arc::new(Attempted { task: task.clone(), sent, fraction: parts.ids.fraction() });
    let (owner, writer) = ((task.partner.clone(), task.world.clone()), parts.clone());
    let write = move |owner, some| {
        let parts = writer.clone();
        async move { write::write(&parts, &owner, some).await }
    };
    match parts.results.deliveries.write(owner, attempted, write).await {
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
}
