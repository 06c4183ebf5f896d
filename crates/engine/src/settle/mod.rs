//! Writes what came of a try: the run, its domain, and everything around them, in one transaction.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::clock::{Now, Time};
use model::domain::Domain;
use model::id::Id;
use model::order::Order;
use model::run::{Next, Outcome, Run, Seen};
use model::task::Task;
use store::{Backend, Failure, Halt, Locks, Tx, domains, runs, tasks};
use tracing::Span;

use self::decide::decide;
pub(crate) use self::settling::{Ended, Settlement, Settling, Waiting};
pub(crate) use self::steps::Steps;
use crate::claim::LEASE;
use crate::parts::Parts;

mod bought;
mod close;
mod consent;
mod decide;
mod forward;
mod import;
mod logins;
mod look_back;
mod provision;
mod rename;
mod renew;
mod replace;
mod settling;
mod sign;
mod steps;
mod together;
mod watch;
mod zone;

/// Writes what came of a try. On PostgreSQL what tells nobody anything is written together with its like.
pub(crate) async fn settle(
    parts: &Arc<Parts>,
    task: &Task,
    lease: &str,
    before: (&Run, &Domain, Option<&Order>),
    ended: Ended,
) -> Result<Settlement, Failure> {
    let (run, domain, order) = before;
    let people = domain.personas.clone();
    let seen = Seen { run: run.clone(), stop: domain.stop, people, order: order.cloned() };
    let (task, lease, asked_in) = (task.id.clone(), lease.to_owned(), Span::current());
    let one = Arc::new(Settling { task, lease, seen, domain: domain.clone(), ended, asked_in });
    // On SQLite those that come at once are committed together as it is.
    if parts.store.backend() == Backend::Postgres
        && one.is_quiet()
        && let Some(settlement) = together::settle(parts, one.clone()).await?
    {
        return Ok(settlement);
    }
    alone(parts, one).await
}

/// In a transaction of its own.
async fn alone(parts: &Arc<Parts>, one: Arc<Settling>) -> Result<Settlement, Failure> {
    let shared = Arc::new((parts.clone(), one));
    let writing = parts.store.settle(move |tx| {
        let shared = shared.clone();
        async move {
            let (parts, one) = &*shared;
            // Whatever holds this is moved about: it is large.
            settle_in(tx, parts, one).boxed().await
        }
        .boxed()
    });
    writing.await
}

async fn settle_in(tx: &mut Tx, parts: &Parts, one: &Settling) -> Result<Settlement, Halt> {
    let (before, outcome) = (&one.seen.run, &one.ended.outcome);
    let tx = Locks::new(tx).turn(tells(before, outcome)).await?;
    let mut tx = tx.task(&one.task, &one.lease).await?;
    let run = runs::again(&mut tx, before).await?.ok_or(Halt::Lost)?;
    let domain = domains::again(&mut tx, &one.domain).await?.ok_or(Halt::Lost)?;
    if !one.is_about(&run) {
        return Err(Halt::Lost);
    }
    let (tx, limits) = tx.limits_of_order(&replace::scope(&run), replace::books(&run, outcome), None).await?;
    let (mut tx, offset) = tx.clock(&run.partner, &run.world).await?;
    let now = Now { server: parts.clock.now(), offset };
    let decided = decide(&mut tx, parts, one, (&run, &domain), (Some(&limits), now)).await?.ok_or(Halt::Lost)?;
    tx.apply(decided.change, &parts.ids, now.server).await?;
    let due_at = move_task(&mut tx, one, decided.next, decided.settlement.next.is_some(), now.server).await?;
    Ok(Settlement { due_at, ..decided.settlement })
}

/// Whose events this settlement may tell. The many steps that tell nothing go on side by side.
fn tells<'a>(run: &'a Run, outcome: &Outcome) -> Option<&'a str> {
    if !outcome.may_tell(run) {
        return None;
    }
    run.order.as_ref().map(Id::as_str).or(run.job.as_deref())
}

/// Keeps, gives back or removes the task, and says when it is due again.
async fn move_task(tx: &mut Tx, one: &Settling, next: Next, goes_on: bool, now: Time) -> Result<Option<Time>, Halt> {
    let Settling { task, lease, .. } = one;
    match next {
        Next::Go if goes_on => tasks::prolong(tx, task, enough(now), now.plus(LEASE)).await.map(|()| None),
        Next::Go => tasks::postpone(tx, task, lease, now).await.map(|()| None),
        Next::At(due) => tasks::postpone(tx, task, lease, due).await.map(|()| Some(due)),
        Next::Finished => tasks::finish(tx, task, lease).await.map(|()| None),
    }
}

/// A step begins with most of its lease.
const fn enough(now: Time) -> Time {
    now.plus(LEASE * 5 / 6)
}
