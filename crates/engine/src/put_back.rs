//! Giving a task back after a failure of ours: it is tried again later and later, and others do not wait for it.

use futures_util::FutureExt as _;
use model::clock::Time;
use model::task::{Task, back_off};
use store::tasks;

use crate::parts::Parts;

/// Puts a task back whose first pause is `base`, in microseconds. Answers when it is due again, server time.
pub(crate) async fn put_back(parts: &Parts, task: &Task, base: i64) -> Time {
    let delay = back_off(task.attempts + 1, base, parts.settings.policy.retry_cap, parts.ids.fraction());
    let (id, lease, due) = (task.id.clone(), task.lease.clone().unwrap_or_default(), parts.clock.now().plus(delay));
    let back = parts.store.settle(move |tx| {
        let (id, lease) = (id.clone(), lease.clone());
        async move { tasks::retry(tx, &id, &lease, due).await }.boxed()
    });
    if let Err(failure) = back.await {
        tracing::warn!(task = %task.id, subject = task.subject, %failure, "a task stays on its lease until that runs out");
    }
    due
}
