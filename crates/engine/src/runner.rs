//! Carries a run from step to step while its lease lasts.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::{Now, Time};
use model::domain::Domain;
use model::id::{Id, RunId, SwapId};
use model::inbox::Inbox;
use model::order::Order;
use model::run::{Outcome, Run, RunKind, RunState, StepName, Then};
use model::swap::Swap;
use model::task::Task;
use providers::call::Call;
use store::{Db, Failure, StoreError, domains, inboxes, orders, partners, runs, swaps, tasks};

use crate::claim::LEASE;
use crate::cx::Cx;
use crate::parts::Parts;
use crate::probe::{Fate, Point};
use crate::settle::settle;
use crate::steps;

/// How often a lease is renewed while a call is under way: well before [`LEASE`] runs out.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The longest a provider may take over one step.
const CALL_LIMIT: Duration = Duration::from_secs(120);

/// What a run's steps need to know.
struct Case {
    run: Run,
    domain: Domain,
    order: Option<Order>,
    inboxes: Vec<Inbox>,
    swap: Option<Swap>,
    is_held: bool,
    behind: bool,
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
        let Some(outcome) = try_step(parts, task, lease, &mut case).await? else { return Ok(None) };
        let before = (&case.run, &case.domain, case.order.as_ref());
        let settled = settle(parts, task, lease, before, outcome).await?;
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
        if works_with_answers(case.run.step) {
            case.order = order_of(&mut parts.store.read().await?, &case.run).await?;
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
    let order = order_of(&mut db, &run).await?;
    let (Some(domain), true) = (domain, is_live(&run)) else { return Ok(None) };
    let inboxes = inboxes::of_domain(&mut db, &run.domain).await?;
    let partner = partners::get(&mut db, &run.partner).await?;
    let offset = partner.map_or(0, |partner| partner.offset(run.world.environment()));
    let behind = is_behind(&mut db, &run).await?;
    let (swap, is_held) = gather_swap(&mut db, &run).await?;
    Ok(Some(Case { run, domain, order, inboxes, swap, is_held, behind, offset }))
}

/// Whether another run on the domain has to end first.
async fn is_behind(db: &mut Db, run: &Run) -> Result<bool, StoreError> {
    match run.kind {
        // What one run writes over the other's must happen in their order.
        RunKind::Forward => {
            Ok(runs::open_of_domain(db, &run.domain, RunKind::Forward).await?.iter().any(|other| other.id < run.id))
        }
        // An inbox between two addresses may be linked under either.
        RunKind::Close => Ok(!runs::open_of_domain(db, &run.domain, RunKind::Rename).await?.is_empty()),
        _ => Ok(false),
    }
}

async fn order_of(db: &mut Db, run: &Run) -> Result<Option<Order>, StoreError> {
    match &run.order {
        Some(order) => orders::load(db, order).await,
        None => Ok(None),
    }
}

/// Steps that work with what somebody may have sent since the run was gathered, as an answer about another domain of
/// the order: its login, or a person's picture.
const fn works_with_answers(step: StepName) -> bool {
    use StepName::{CloseInboxes, CreateInboxes, LinkSequencer, RelinkInbox};
    matches!(step, CreateInboxes | LinkSequencer | RelinkInbox | CloseInboxes)
}

/// The swap that a run works for, and whether somebody holds the name that it wants.
async fn gather_swap(db: &mut Db, run: &Run) -> Result<(Option<Swap>, bool), StoreError> {
    let job = run.job.as_ref().filter(|_| matches!(run.kind, RunKind::Replace | RunKind::Rename));
    let swap = match job {
        Some(job) => swaps::load(db, &SwapId::opaque(job)).await?,
        None => None,
    };
    let wanted = swap.as_ref().and_then(|swap| swap.replacement_name.as_ref());
    let holders = domains::holders(db, &run.world, wanted.map_or(&[], std::slice::from_ref)).await?;
    Ok((swap, !holders.is_empty()))
}

pub(crate) const fn is_live(run: &Run) -> bool {
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
async fn try_step(
    parts: &Arc<Parts>,
    task: &Task,
    lease: &str,
    case: &mut Case,
) -> Result<Option<Outcome>, StoreError> {
    let (name, step) = (case.domain.name.clone(), case.run.step);
    let fate = |point| parts.probe.as_ref().map_or(Fate::Live, |probe| probe.fate(name.as_str(), step, point));
    if fate(Point::BeforeCall) == Fate::Die {
        return Ok(None);
    }
    read_again(parts, case).await?;
    let mut outcome = call_once(parts, task, lease, case).await;
    match fate(Point::AfterCall) {
        Fate::Live => {}
        Fate::Repeat => outcome = call_once(parts, task, lease, case).await,
        Fate::Die => return Ok(None),
    }
    Ok(Some(outcome))
}

/// What decides whether something is bought is read right before it is: nothing is bought that was cancelled since the
/// run was gathered.
async fn read_again(parts: &Arc<Parts>, case: &mut Case) -> Result<(), StoreError> {
    if !matches!(case.run.step, StepName::RegisterName | StepName::RenewName) {
        return Ok(());
    }
    let mut db = parts.store.read().await?;
    case.order = order_of(&mut db, &case.run).await?;
    if let Some(domain) = domains::load(&mut db, &case.run.domain).await? {
        case.domain = domain;
    }
    Ok(())
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
        order: case.order.as_ref(),
        inboxes: &case.inboxes,
        swap: case.swap.as_ref(),
        is_held: case.is_held,
        behind: case.behind,
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
