//! What only waits for a time: the end of an order's paid period, and of a registration that nobody renews; and the
//! tasks that follow a sandbox's clock.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::clock::{Now, SECOND, Time};
use model::domain::DomainStatus;
use model::id::{DomainId, Id, OrderId, RunId};
use model::order::{Booked, end_period};
use model::run::{RunKind, expire};
use model::task::Task;
use store::{Failure, Halt, Locks, Tx, domains, ledger, runs, tasks};
use tracing::Instrument as _;

use crate::claim::LEASE;
use crate::parts::Parts;
use crate::put_back::put_back;

/// Works off a timer, in pieces that each commit. Answers when it is due again, server time.
pub(crate) async fn work(parts: &Arc<Parts>, task: &Task) -> Option<Time> {
    let about = |prefix| Some(task.subject.as_str()).filter(|id| id.starts_with(prefix));
    let span = tracing::info_span!(
        "timer", partner = %task.partner, world = %task.world, order = about(OrderId::PREFIX),
        domain = about(DomainId::PREFIX), subject = task.subject
    );
    work_off(parts, task).instrument(span).await
}

async fn work_off(parts: &Arc<Parts>, task: &Task) -> Option<Time> {
    let lease = task.lease.clone().unwrap_or_default();
    loop {
        let piece = piece(parts, task, &lease).await;
        if piece.is_ok() {
            parts.wake.nudge();
        }
        match piece {
            Ok(Piece::More) => {}
            Ok(Piece::Last(due_at)) => return due_at,
            Err(Failure::Lost) => return None,
            Err(failure) => {
                tracing::error!(task = %task.id, subject = task.subject, %failure, "a timer could not be settled");
                return Some(put_back(parts, task, SECOND).await);
            }
        }
    }
}

/// What a piece of a timer's work leaves.
enum Piece {
    /// More, at once and on the same lease.
    More,
    /// Nothing before this server time.
    Last(Option<Time>),
}

async fn piece(parts: &Arc<Parts>, task: &Task, lease: &str) -> Result<Piece, Failure> {
    let shared = Arc::new((parts.clone(), task.clone(), lease.to_owned()));
    let done = parts.store.settle(move |tx| {
        let shared = shared.clone();
        async move {
            let (parts, task, lease) = &*shared;
            match &task.subject {
                subject if subject.starts_with(DomainId::PREFIX) => end_registration(tx, parts, task, lease).await,
                subject if subject == task.world.as_str() => follow_clock(tx, parts, task, lease).await,
                _ => end_paid_period(tx, parts, task, lease).await,
            }
        }
        .boxed()
    });
    done.await
}

/// One period at a time: years of a large order are many months, and others are served between two of them.
async fn end_paid_period(tx: &mut Tx, parts: &Parts, task: &Task, lease: &str) -> Result<Piece, Halt> {
    let tx = Locks::new(tx).turn(Some(&task.subject)).await?.task(&task.id, lease).await?;
    let (tx, offset) = tx.clock(&task.partner, &task.world).await?;
    let id = OrderId::opaque(&task.subject);
    let (mut tx, order) = tx.order(Some(&id)).await?;
    let tx = &mut *tx;
    let Some(order) = order else { return finish(tx, task, lease).await };
    let now = Now { server: parts.clock.now(), offset };
    let domains = domains::of_order(tx, &id).await?;
    let period = ledger::of_period(tx, &id, &order.renews_at.date()).await?;
    let booked = Booked { sums: ledger::sums_of_order(tx, &id).await?, period };
    let warm = domains.iter().any(|domain| domain.status == DomainStatus::Retiring);
    let closing = if warm { closing(tx, &id).await? } else { vec![] };
    let period =
        end_period(&order, &domains, booked, &closing, &parts.settings.rules.of(&order.world).book, now, &parts.ids);
    tx.apply(period.change, &parts.ids, now.server).await?;
    match period.again_at.map(|at| now.due(at)) {
        Some(due) if due <= now.server => go_on(tx, parts, task, lease).await,
        Some(due) => tasks::postpone(tx, &task.id, lease, due).await.map(|()| Piece::Last(Some(due))),
        None => finish(tx, task, lease).await,
    }
}

/// Brings more of a world's tasks forward whose clock was moved on.
async fn follow_clock(tx: &mut Tx, parts: &Parts, task: &Task, lease: &str) -> Result<Piece, Halt> {
    let (mut tx, offset) = Locks::new(tx).task(&task.id, lease).await?.clock(&task.partner, &task.world).await?;
    let tx = &mut *tx;
    match tasks::bring_forward(tx, &task.world, offset).await? {
        true => go_on(tx, parts, task, lease).await,
        false => finish(tx, task, lease).await,
    }
}

/// Keeps the task for the next piece; a process that stops gives it back.
async fn go_on(tx: &mut Tx, parts: &Parts, task: &Task, lease: &str) -> Result<Piece, Halt> {
    let now = parts.clock.now();
    if parts.stop.is_cancelled() {
        return tasks::postpone(tx, &task.id, lease, now).await.map(|()| Piece::Last(Some(now)));
    }
    tasks::extend(tx, &task.id, lease, now.plus(LEASE)).await.map(|()| Piece::More)
}

async fn finish(tx: &mut Tx, task: &Task, lease: &str) -> Result<Piece, Halt> {
    tasks::finish(tx, &task.id, lease).await.map(|()| Piece::Last(None))
}

/// The runs that see an order's domains off, under way or waiting for their time.
async fn closing(tx: &mut Tx, order: &OrderId) -> Result<Vec<RunId>, Halt> {
    let runs = runs::open_of_order(tx, order).await?.into_iter();
    Ok(runs.filter(|run| run.kind == RunKind::Close).map(|run| run.id).collect())
}

/// The day on which a name of the inventory runs out.
async fn end_registration(tx: &mut Tx, parts: &Parts, task: &Task, lease: &str) -> Result<Piece, Halt> {
    let (mut tx, offset) = Locks::new(tx).task(&task.id, lease).await?.clock(&task.partner, &task.world).await?;
    let tx = &mut *tx;
    if let Some(domain) = domains::load(tx, &DomainId::opaque(&task.subject)).await? {
        let now = Now { server: parts.clock.now(), offset };
        tx.apply(expire(&domain, now), &parts.ids, now.server).await?;
    }
    finish(tx, task, lease).await
}
