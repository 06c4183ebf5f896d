//! What only waits for a time: the end of an order's paid period, and of a registration that nobody renews.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::clock::{Now, SECOND, Time};
use model::domain::DomainStatus;
use model::id::{DomainId, Id, OrderId, RunId};
use model::order::end_periods;
use model::run::{RunKind, expire};
use model::task::{Task, back_off};
use store::{Failure, Halt, Tx, domains, ledger, orders, partners, runs, tasks, turn};

use crate::parts::Parts;
use crate::runner::is_live;

/// Works off a timer. Answers when it is due again, server time.
pub(crate) async fn work(parts: &Arc<Parts>, task: &Task) -> Option<Time> {
    let lease = task.lease.clone().unwrap_or_default();
    let shared = Arc::new((parts.clone(), task.clone(), lease.clone()));
    let done = parts.store.settle(move |tx| {
        let shared = shared.clone();
        async move {
            let (parts, task, lease) = &*shared;
            match task.subject.starts_with(DomainId::PREFIX) {
                true => end_registration(tx, parts, task, lease).await,
                false => end_period(tx, parts, task, lease).await,
            }
        }
        .boxed()
    });
    match done.await {
        Ok(due_at) => {
            parts.wake.notify_waiters();
            due_at
        }
        Err(Failure::Lost) => None,
        Err(failure) => put_back(parts, task, &lease, &failure).await,
    }
}

async fn end_period(tx: &mut Tx, parts: &Parts, task: &Task, lease: &str) -> Result<Option<Time>, Halt> {
    turn::take(tx, &task.subject).await?;
    tasks::still_mine(tx, &task.id, lease).await?;
    let id = OrderId::opaque(&task.subject);
    let Some(order) = orders::lock(tx, &id).await? else {
        return tasks::finish(tx, &task.id, lease).await.map(|()| None);
    };
    let offset = partners::offset_of(tx, &order.partner, &order.world).await?;
    let now = Now { server: parts.clock.now(), offset };
    let (domains, lines) = (domains::of_order(tx, &id).await?, ledger::of_order(tx, &id).await?);
    let warm = domains.iter().any(|domain| domain.status == DomainStatus::Retiring);
    let closing = if warm { closing(tx, &id).await? } else { vec![] };
    let period = end_periods(&order, &domains, &lines, &closing, &parts.settings.rules.book, now, &parts.ids);
    tx.apply(period.change, &parts.ids, now.server).await?;
    match period.again_at {
        Some(at) => tasks::postpone(tx, &task.id, lease, now.due(at)).await.map(|()| Some(now.due(at))),
        None => tasks::finish(tx, &task.id, lease).await.map(|()| None),
    }
}

/// The runs that see an order's domains off, under way or waiting for their time.
async fn closing(tx: &mut Tx, order: &OrderId) -> Result<Vec<RunId>, Halt> {
    let runs = runs::of_order(tx, order).await?.into_iter();
    Ok(runs.filter(|run| run.kind == RunKind::Close && is_live(run)).map(|run| run.id).collect())
}

/// The day on which a name of the inventory runs out.
async fn end_registration(tx: &mut Tx, parts: &Parts, task: &Task, lease: &str) -> Result<Option<Time>, Halt> {
    tasks::still_mine(tx, &task.id, lease).await?;
    if let Some(domain) = domains::load(tx, &DomainId::opaque(&task.subject)).await? {
        let offset = partners::offset_of(tx, &domain.partner, &domain.world).await?;
        let now = Now { server: parts.clock.now(), offset };
        tx.apply(expire(&domain, now), &parts.ids, now.server).await?;
    }
    tasks::finish(tx, &task.id, lease).await.map(|()| None)
}

/// A failure of ours: the timer comes back later and later, and others do not wait for it.
async fn put_back(parts: &Arc<Parts>, task: &Task, lease: &str, failure: &Failure) -> Option<Time> {
    tracing::error!(task = %task.id, subject = task.subject, %failure, "a timer could not be settled");
    let delay = back_off(task.attempts + 1, SECOND, parts.settings.policy.retry_cap, parts.ids.fraction());
    let (id, lease, due) = (task.id.clone(), lease.to_owned(), parts.clock.now().plus(delay));
    let back = parts.store.settle(move |tx| {
        let (id, lease) = (id.clone(), lease.clone());
        async move { tasks::retry(tx, &id, &lease, due).await }.boxed()
    });
    if let Err(failure) = back.await {
        tracing::warn!(task = %task.id, %failure, "the timer stays on its lease until that runs out");
    }
    Some(due)
}
