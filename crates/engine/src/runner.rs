//! Carries a run from step to step while its lease lasts.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::{Now, Time};
use model::domain::Domain;
use model::id::{Id, RunId};
use model::inbox::Inbox;
use model::order::Order;
use model::run::{Around, Learnt, Next, Outcome, Run, RunState, Then, Who, advance, news, reckon};
use model::task::Task;
use providers::call::Call;
use store::{Failure, Halt, StoreError, Tx, actions, domains, inboxes, ledger, orders, partners, runs, tasks};

use crate::claim::LEASE;
use crate::cx::Cx;
use crate::parts::Parts;
use crate::probe::{Fate, Point};
use crate::steps;

/// How often a lease is renewed while a call is under way: well before [`LEASE`] runs out.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The longest a provider may take over one step.
const CALL_LIMIT: Duration = Duration::from_secs(120);

/// What a run's steps need to know.
struct Case {
    run: Run,
    domain: Domain,
    order: Order,
    inboxes: Vec<Inbox>,
    offset: i64,
}

/// Works on a run until it has to wait, asks, ends, or belongs to somebody else. Answers when it is
/// due again, server time.
pub(crate) async fn work(parts: &Arc<Parts>, task: &Task) -> Option<Time> {
    let lease = task.lease.clone().unwrap_or_default();
    match carry(parts, task, &lease).await {
        Ok(due_at) => due_at,
        Err(failure) => put_back(parts, task, &lease, &failure).await,
    }
}

async fn carry(parts: &Arc<Parts>, task: &Task, lease: &str) -> Result<Option<Time>, Failure> {
    let Some(mut case) = gather(parts, task).await? else {
        drop_task(parts, task, lease).await?;
        return Ok(None);
    };
    loop {
        let Some(outcome) = try_step(parts, task, lease, &case).await else { return Ok(None) };
        let settled = settle(parts, task, lease, &case, outcome).await?;
        if settled.events {
            parts.wake.notify_waiters();
        }
        match settled.next {
            Some((run, domain)) => (case.run, case.domain) = (run, domain),
            None => return Ok(settled.due_at),
        }
        if settled.inboxes {
            case.inboxes = inboxes::of_domain(&mut parts.store.read().await?, &case.domain.id).await?;
        }
    }
}

/// Lets a task go whose work failed for a reason of ours; others' work must not wait for it.
async fn put_back(parts: &Arc<Parts>, task: &Task, lease: &str, failure: &Failure) -> Option<Time> {
    if matches!(failure, Failure::Lost) {
        tracing::info!(task = %task.id, "another worker has this task; the result is dropped");
        return None;
    }
    tracing::error!(task = %task.id, subject = task.subject, %failure, "a step could not be settled");
    let policy = &parts.settings.policy;
    let delay = model::task::back_off(task.attempts + 1, policy.retry_base, policy.retry_cap, parts.ids.fraction());
    let (id, lease, due) = (task.id.clone(), lease.to_owned(), parts.clock.now().plus(delay));
    let back = parts.store.settle(move |tx| {
        let (id, lease) = (id.clone(), lease.clone());
        async move { tasks::retry(tx, &id, &lease, due).await }.boxed()
    });
    if let Err(failure) = back.await {
        tracing::warn!(task = %task.id, %failure, "the task stays on its lease until that runs out");
    }
    Some(due)
}

async fn gather(parts: &Arc<Parts>, task: &Task) -> Result<Option<Case>, StoreError> {
    let mut db = parts.store.read().await?;
    let Some(run) = runs::load(&mut db, &RunId::opaque(&task.subject)).await? else { return Ok(None) };
    let domain = domains::load(&mut db, &run.domain).await?;
    let order = match &run.order {
        Some(order) => orders::load(&mut db, order).await?,
        None => None,
    };
    let (Some(domain), Some(order), true) = (domain, order, is_live(&run)) else { return Ok(None) };
    let inboxes = inboxes::of_domain(&mut db, &run.domain).await?;
    let partner = partners::get(&mut db, &run.partner).await?;
    let offset = partner.map_or(0, |partner| partner.offset(run.world.environment()));
    Ok(Some(Case { run, domain, order, inboxes, offset }))
}

const fn is_live(run: &Run) -> bool {
    matches!(run.state, RunState::Open | RunState::Asking)
}

async fn drop_task(parts: &Arc<Parts>, task: &Task, lease: &str) -> Result<(), Failure> {
    let (id, lease) = (task.id.clone(), lease.to_owned());
    parts
        .store
        .settle(move |tx| {
            let (id, lease) = (id.clone(), lease.clone());
            async move { tasks::finish(tx, &id, &lease).await }.boxed()
        })
        .await
}

/// One try, with the lease renewed while it lasts. `None` when a test lets the worker die here.
async fn try_step(parts: &Arc<Parts>, task: &Task, lease: &str, case: &Case) -> Option<Outcome> {
    let fate = |point| {
        parts.probe.as_ref().map_or(Fate::Live, |probe| probe.fate(case.domain.name.as_str(), case.run.step, point))
    };
    if fate(Point::BeforeCall) == Fate::Die {
        return None;
    }
    let mut outcome = call_once(parts, task, lease, case).await;
    match fate(Point::AfterCall) {
        Fate::Live => {}
        Fate::Repeat => outcome = call_once(parts, task, lease, case).await,
        Fate::Die => return None,
    }
    Some(outcome)
}

async fn call_once(parts: &Arc<Parts>, task: &Task, lease: &str, case: &Case) -> Outcome {
    let Some(cast) = parts.providers.cast(&case.run.world) else {
        return Outcome::then(Then::Operator { words: "No provider is configured for this environment.".into() });
    };
    let now = Now { server: parts.clock.now(), offset: case.offset };
    let call = Call {
        world: case.run.world.clone(),
        now: now.partner(),
        reference: case.run.reference(),
        nudges: case.run.memory.nudges,
        subject: case.domain.name.clone(),
    };
    let cx = Cx {
        run: &case.run,
        domain: &case.domain,
        order: &case.order,
        inboxes: &case.inboxes,
        cast,
        call,
        vault: parts.store.vault(),
        now,
    };
    let trying = tokio::time::timeout(CALL_LIMIT, AssertUnwindSafe(steps::perform(&cx)).catch_unwind());
    let beating = keep_lease(parts, task, lease);
    let unclear = |words: &str| Outcome::then(Then::Retry { after: None, words: words.into() });
    tokio::select! {
        ended = trying => match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => {
                tracing::error!(run = %case.run.id, step = case.run.step.as_str(), "a step panicked");
                unclear("An internal error; the operator has been told and we try again.")
            }
            Err(_) => unclear("There was no answer in time; we look before we do anything again."),
        },
        () = beating => unclear("The work was taken over by another process."),
    }
}

/// Renews the lease until it cannot: then the work is somebody else's.
async fn keep_lease(parts: &Arc<Parts>, task: &Task, lease: &str) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        let (id, lease, until) = (task.id.clone(), lease.to_owned(), parts.clock.now().plus(LEASE));
        let renewed = parts.store.settle(move |tx| {
            let (id, lease) = (id.clone(), lease.clone());
            async move { tasks::extend(tx, &id, &lease, until).await }.boxed()
        });
        if matches!(renewed.await, Err(Failure::Lost)) {
            return;
        }
    }
}

/// What a settlement left behind.
struct Settled {
    /// The rows to go on with; `None` when the run waits or has ended.
    next: Option<(Run, Domain)>,
    /// Whether inbox rows changed.
    inboxes: bool,
    /// Whether something was told.
    events: bool,
    /// When the run is due again, server time.
    due_at: Option<Time>,
}

async fn settle(
    parts: &Arc<Parts>,
    task: &Task,
    lease: &str,
    case: &Case,
    outcome: Outcome,
) -> Result<Settled, Failure> {
    let shared = Arc::new((parts.clone(), task.id.clone(), lease.to_owned(), case.run.clone(), outcome, case.offset));
    parts
        .store
        .settle(move |tx| {
            let shared = shared.clone();
            async move {
                let (parts, task, lease, before, outcome, offset) = &*shared;
                let now = Now { server: parts.clock.now(), offset: *offset };
                settle_in(tx, parts, task, lease, before, outcome, now).await
            }
            .boxed()
        })
        .await
}

async fn settle_in(
    tx: &mut Tx,
    parts: &Parts,
    task: &model::id::TaskId,
    lease: &str,
    before: &Run,
    outcome: &Outcome,
    now: Now,
) -> Result<Settled, Halt> {
    tasks::still_mine(tx, task, lease).await?;
    let run = runs::load(tx, &before.id).await?.ok_or(Halt::Lost)?;
    let domain = domains::load(tx, &run.domain).await?.ok_or(Halt::Lost)?;
    if run.step != before.step || !is_live(&run) {
        return Err(Halt::Lost);
    }
    let touches_inboxes = matches!(outcome.learnt, Learnt::Inboxes(_) | Learnt::Linked(_));
    let known = if touches_inboxes { inboxes::of_domain(tx, &domain.id).await? } else { vec![] };
    let moved = advance(&run, &domain, &known, outcome, now, &parts.ids, &parts.settings.policy);
    let mut change = moved.rows(&run, &domain);
    if moved.concerns_order() {
        let id = run.order.clone().ok_or(Halt::Lost)?;
        let order = orders::lock(tx, &id).await?.ok_or(Halt::Lost)?;
        let tally = domains::tally(tx, &order.id).await?;
        let status = news(&order, tally, &moved);
        let around = Around {
            open_action: actions::open_of_domain(tx, &domain.id).await?,
            lines: ledger::of_order(tx, &order.id).await?,
            // Those that this very try changed carry their own rows already.
            inboxes: if moved.run.state == RunState::Failed && !touches_inboxes {
                inboxes::of_domain(tx, &domain.id).await?
            } else {
                vec![]
            },
            domains: if status.is_some() { domains::of_order(tx, &order.id).await? } else { vec![] },
            order,
        };
        change.append(reckon(&around, &moved, status, now, &parts.ids));
    }
    report(&moved.run);
    let events = !change.events.is_empty();
    let raised = (i64::from(!change.runs.update.is_empty()), i64::from(!change.domains.update.is_empty()));
    tx.apply(change, &parts.ids, now.server).await?;
    let goes_on = moved.next == Next::Go && !parts.stop.is_cancelled();
    let due_at = move_task(tx, task, lease, moved.next, goes_on, now.server).await?;
    let next = goes_on.then(|| {
        let run = Run { version: run.version + raised.0, ..moved.run };
        let domain = Domain { version: domain.version + raised.1, ..moved.domain };
        (run, domain)
    });
    Ok(Settled { next, inboxes: touches_inboxes, events, due_at })
}

/// Says in the log what only the operator can mend.
fn report(run: &Run) {
    let here = run.steps.iter().find(|record| record.step == run.step && record.who == Some(Who::Operator));
    if let Some(record) = here {
        let (step, trouble) = (run.step.as_str(), record.trouble.as_deref().unwrap_or_default());
        tracing::error!(order = run.order.as_ref().map(Id::as_str), domain = %run.domain, run = %run.id, step, trouble, attempts = record.attempts, "a step waits for the operator; it is tried again every look");
    }
}

/// Keeps, gives back or removes the task, and says when it is due again.
async fn move_task(
    tx: &mut Tx,
    task: &model::id::TaskId,
    lease: &str,
    next: Next,
    goes_on: bool,
    now: Time,
) -> Result<Option<Time>, Halt> {
    match next {
        Next::Go if goes_on => tasks::extend(tx, task, lease, now.plus(LEASE)).await.map(|()| None),
        Next::Go => tasks::postpone(tx, task, lease, now).await.map(|()| None),
        Next::At(due) => tasks::postpone(tx, task, lease, due).await.map(|()| Some(due)),
        Next::Finished => tasks::finish(tx, task, lease).await.map(|()| None),
    }
}
