//! Writes what came of a try: the run, its domain, and everything around them, in one transaction.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::action::Action;
use model::change::Change;
use model::clock::{Now, Time};
use model::domain::Domain;
use model::id::{Id, TaskId};
use model::order::Order;
use model::run::{Meanwhile, Moved, Next, Outcome, Run, RunKind, Seen, Try, Who, advance};
use model::task::Task;
use store::locks::level::Partner;
use store::{Failure, Halt, Locks, Tx, domains, inboxes, orders, runs, tasks};

use crate::claim::LEASE;
use crate::parts::Parts;

mod bought;
mod close;
mod consent;
mod forward;
mod import;
mod logins;
mod look_back;
mod provision;
mod rename;
mod renew;
mod replace;
mod sign;
mod watch;
mod zone;

/// A try of a step that has come to an end.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// When it was begun, partner time.
    pub(crate) began_at: Time,
}

/// The task that a settlement is made for, and the lease that it is held on.
struct Held {
    task: TaskId,
    lease: String,
}

/// What a settlement left behind.
pub(crate) struct Settlement {
    /// The rows to go on with; `None` when the run waits or has ended.
    pub(crate) next: Option<(Run, Domain)>,
    /// Whether inbox rows changed.
    pub(crate) inboxes: bool,
    /// Whether consents changed.
    pub(crate) consents: bool,
    /// Whether the zone's row changed.
    pub(crate) zones: bool,
    /// Whether something was told or queued that others should look at.
    pub(crate) events: bool,
    /// When the run is due again, server time.
    pub(crate) due_at: Option<Time>,
    /// How far the world's time is ahead of ours.
    pub(crate) offset: i64,
}

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
    let held = Held { task: task.id.clone(), lease: lease.to_owned() };
    let shared = Arc::new((parts.clone(), held, (seen, domain.clone()), ended));
    parts
        .store
        .settle(move |tx| {
            let shared = shared.clone();
            async move {
                let (parts, held, (seen, domain), ended) = &*shared;
                // Whatever holds this is moved about: it is large.
                settle_in(tx, parts, held, (seen, domain), ended).boxed().await
            }
            .boxed()
        })
        .await
}

async fn settle_in(
    tx: &mut Tx,
    parts: &Parts,
    held: &Held,
    (seen, known): (&Seen, &Domain),
    ended: &Ended,
) -> Result<Settlement, Halt> {
    let (before, outcome) = (&seen.run, &ended.outcome);
    let tx = Locks::new(tx).turn(tells(before, outcome)).await?;
    let mut tx = tx.task(&held.task, &held.lease).await?;
    let run = runs::again(&mut tx, before).await?.ok_or(Halt::Lost)?;
    let domain = domains::again(&mut tx, known).await?.ok_or(Halt::Lost)?;
    if run.step != before.step || !run.is_live() {
        return Err(Halt::Lost);
    }
    let (tx, limits) = tx.limits_of_order(&replace::scope(&run), replace::books(&run, outcome), None).await?;
    let (mut tx, offset) = tx.clock(&run.partner, &run.world).await?;
    let now = Now { server: parts.clock.now(), offset };
    let outcome = &*replace::evaluate(tx.part(), parts, &run, outcome, &limits, now).await?;
    let order = match &seen.order {
        Some(order) if seen.asks_for_what_may_be_sent(outcome) => orders::load(&mut tx, &order.id).await?,
        _ => None,
    };
    let outcome = &*watch::evaluate(&mut tx, parts, &run, outcome, now).await?;
    let meanwhile = Meanwhile { seen, run: &run, domain: &domain, order: order.as_ref(), now };
    let outcome = &*meanwhile.evaluate(outcome);
    let known = if outcome.learnt.concerns_inboxes() { inboxes::of_domain(&mut tx, &domain.id).await? } else { vec![] };
    let tried = Try { run: &run, domain: &domain, inboxes: &known, outcome, began_at: ended.began_at, now };
    let mut moved = advance(&tried, &parts.ids, &parts.settings.policy);
    if meanwhile.is_due_at_once() && matches!(moved.next, Next::At(_)) {
        moved.next = Next::At(now.server);
    }
    logins::follow(&tx.vault(), &tried, &mut moved);
    let mut change = moved.rows(&run, &domain);
    change.intents.update.extend(bought::after_try(&mut tx, (&run, &domain), outcome, now.server).await?);
    change.intents.update.extend(bought::seats_after(&mut tx, &tried, &moved).await?);
    change.consents.update.extend(consent::after_try(&mut tx, &domain, outcome).await?);
    change.append(zone::effects(&mut tx, parts, &tried, &moved).await?);
    change.append(effects(tx.part(), parts, &tried, &moved).await?);
    report(&moved.run);
    report_questions(&change.actions.insert);
    finish(&mut tx, parts, held, &tried, moved, change).await
}

/// Whose events this settlement may tell. The many steps that tell nothing go on side by side.
fn tells<'a>(run: &'a Run, outcome: &Outcome) -> Option<&'a str> {
    if !outcome.may_tell(run) {
        return None;
    }
    run.order.as_ref().map(Id::as_str).or(run.job.as_deref())
}

/// Everything that follows from a move beyond the run and its domain.
async fn effects(tx: Locks<'_, Partner>, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, Halt> {
    match tried.run.kind {
        RunKind::Provision => provision::effects(tx, parts, tried, moved).await,
        RunKind::Close => close::effects(tx, parts, tried, moved).await,
        RunKind::Renew => renew::effects(tx, parts, tried, moved).await,
        RunKind::Replace => replace::effects(tx, parts, tried, moved).await,
        RunKind::Rename => rename::effects(tx, parts, tried, moved).await,
        RunKind::Watch => watch::effects(tx, parts, tried, moved).await,
        RunKind::Sign => sign::effects(tx, parts, tried, moved).await,
        RunKind::Import => import::effects(tx, parts, tried, moved).await,
        RunKind::Forward => forward::effects(tx, parts, tried, moved).await,
        RunKind::LookBack => look_back::effects(tx, parts, tried, moved).await,
    }
}

async fn finish(
    tx: &mut Tx,
    parts: &Parts,
    held: &Held,
    tried: &Try<'_>,
    moved: Moved,
    change: Change,
) -> Result<Settlement, Halt> {
    // What a domain counts as may be told of its order as well.
    let counts_anew = moved.was.class() != moved.domain.status.class();
    let events = counts_anew || !change.events.is_empty() || !change.tasks.is_empty();
    let touches_inboxes = !change.inboxes.insert.is_empty() || !change.inboxes.update.is_empty();
    let consents = !change.consents.update.is_empty();
    let touches_zone = !change.zones.insert.is_empty() || !change.zones.update.is_empty();
    let goes_on = moved.next == Next::Go && !parts.stop.is_cancelled();
    let next = goes_on.then(|| (run_after(&change, tried.run), domain_after(&change, tried.domain)));
    tx.apply(change, &parts.ids, tried.now.server).await?;
    let due_at = move_task(tx, held, moved.next, goes_on, tried.now.server).await?;
    let (inboxes, zones) = (touches_inboxes, touches_zone);
    Ok(Settlement { next, inboxes, consents, zones, events, due_at, offset: tried.now.offset })
}

/// The run as it is written: the next settlement knows it, as long as nobody else has written it.
fn run_after(change: &Change, before: &Run) -> Run {
    let written = change.runs.update.iter().find(|run| run.id == before.id);
    written.map_or_else(|| before.clone(), |run| Run { version: before.version + 1, ..run.clone() })
}

/// The same for its domain.
fn domain_after(change: &Change, before: &Domain) -> Domain {
    let written = change.domains.update.iter().find(|domain| domain.id == before.id);
    written.map_or_else(|| before.clone(), |domain| Domain { version: before.version + 1, ..domain.clone() })
}

/// Says in the log what only the operator can mend.
fn report(run: &Run) {
    let here = run.steps.iter().find(|record| record.step == run.step && record.who == Some(Who::Operator));
    if let Some(record) = here {
        let (step, trouble) = (run.step.as_str(), record.trouble.as_deref().unwrap_or_default());
        let order = run.order.as_ref().map(Id::as_str);
        tracing::error!(order, domain = %run.domain, run = %run.id, step, trouble, attempts = record.attempts, "a step waits for the operator; it is tried again every look");
    }
}

/// Says in the log that a person outside is asked, for the operator may be the one who can help.
fn report_questions(asked: &[Action]) {
    for action in asked {
        let order = action.order.as_ref().map(Id::as_str);
        let (action_id, domain, reason) = (action.id.as_str(), action.domain_name.as_str(), action.reason.as_str());
        tracing::warn!(order, domain, reason, action_id, "a pending action has opened");
    }
}

/// Keeps, gives back or removes the task, and says when it is due again.
async fn move_task(tx: &mut Tx, held: &Held, next: Next, goes_on: bool, now: Time) -> Result<Option<Time>, Halt> {
    let Held { task, lease } = held;
    match next {
        // Held by this transaction; a step begins with most of its lease.
        Next::Go if goes_on => tasks::prolong(tx, task, now.plus(LEASE * 5 / 6), now.plus(LEASE)).await.map(|()| None),
        Next::Go => tasks::postpone(tx, task, lease, now).await.map(|()| None),
        Next::At(due) => tasks::postpone(tx, task, lease, due).await.map(|()| Some(due)),
        Next::Finished => tasks::finish(tx, task, lease).await.map(|()| None),
    }
}
