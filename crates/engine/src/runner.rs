//! Carries a run from step to step while its lease lasts.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::{Now, Time};
use model::consent::Consent;
use model::dns::{HostedZone, Purpose};
use model::domain::Domain;
use model::id::{Id, RunId, SwapId};
use model::inbox::Inbox;
use model::intent::{Held, IntentKind, Permit};
use model::metric;
use model::order::Order;
use model::partner::Partner;
use model::role::Role;
use model::run::{HolderOf, Learnt, Outcome, Run, RunKind, Then};
use model::swap::Swap;
use model::task::Task;
use model::trace::TraceParent;
use model::user::User;
use model::world::Scope;
use providers::call::Call;
use providers::cast::Cast;
use providers::roster::NOBODY;
use store::{Db, Failure, StoreError, domains, inboxes, orders, partners, runs, swaps, tasks, users, zones};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

use crate::cx::Cx;
use crate::facts::{asked_at, consents_of, inboxes_of, is_behind, is_renaming, is_renewing};
use crate::give_accounts::give_accounts;
use crate::hold::Hold;
use crate::intend::intend;
use crate::late;
use crate::parts::Parts;
use crate::places::{self, Place};
use crate::probe::{Fate, Point};
use crate::put_back::put_back;
use crate::settle::{Ended, settle};
use crate::steps;

/// The longest a provider may take over one step.
const CALL_LIMIT: Duration = Duration::from_secs(120);

/// What a run's steps need to know.
struct Case {
    run: Run,
    domain: Domain,
    order: Option<Order>,
    user: Option<User>,
    partner: Option<Partner>,
    inboxes: Vec<Inbox>,
    /// Nobody consents to anything before a step has asked for it.
    consents: Vec<Consent>,
    zone: Option<HostedZone>,
    swap: Option<Swap>,
    holder: Option<Domain>,
    behind: bool,
    is_renaming: bool,
    /// When the name was last asked for, as long as it is not ours.
    asked_at: Option<Time>,
    /// Whether the name may have been renewed, and nobody knows it yet.
    is_renewing: bool,
    /// Whether the step may buy what it buys.
    permit: Permit,
    /// Whether the last try was made here, and put a mail down for the next one. It is for one call alone: whoever calls again
    /// does not know what came of the first.
    has_put_down: AtomicBool,
    offset: i64,
}

/// Works on a run until it has to wait, asks, ends, or belongs to somebody else. Answers when it is
/// due again, server time.
pub(crate) async fn work(parts: &Arc<Parts>, task: &Task) -> Option<Time> {
    let span = tracing::info_span!(
        "run", partner = %task.partner, world = %task.world, order = field::Empty, job = field::Empty,
        domain = field::Empty, run = %task.subject, trace_id = field::Empty
    );
    work_or_put_back(parts, task).instrument(span).await
}

async fn work_or_put_back(parts: &Arc<Parts>, task: &Task) -> Option<Time> {
    let lease = task.lease.clone().unwrap_or_default();
    match work_steps(parts, task, &lease).await {
        Ok(due_at) => due_at,
        Err(Failure::Lost) => {
            tracing::info!(task = %task.id, "another worker has this task; the result is dropped");
            None
        }
        Err(failure) => {
            tracing::error!(task = %task.id, subject = task.subject, %failure, "a step could not be settled");
            Some(put_back(parts, task, parts.settings.policy.retry_base).await)
        }
    }
}

async fn work_steps(parts: &Arc<Parts>, task: &Task, lease: &str) -> Result<Option<Time>, Failure> {
    let Some(mut case) = gather(parts, task).await? else {
        drop_task(parts, task, lease).await?;
        return Ok(None);
    };
    say_whose(&case);
    loop {
        let ended = match try_step(parts, task, lease, &mut case).await? {
            Tried::Ended(ended) => ended,
            Tried::TooLate { acted } => return too_late(parts, &case.run, acted).await,
            Tried::NoPlace => return come_again(parts, task, lease).await.map(Some),
            Tried::Died => return Ok(None),
        };
        // Nothing else that goes on at once says that the mail it finds put down is its own.
        let puts_down = matches!(&ended.outcome.learnt, Learnt::FirstMail(_)) && ended.outcome.then == Then::Again;
        let before = (&case.run, &case.domain, case.order.as_ref());
        let settlement = match settle(parts, task, lease, before, ended).await {
            Err(Failure::Lost) => return too_late(parts, &case.run, case.run.step.spec().acts).await,
            settlement => settlement?,
        };
        if settlement.events {
            parts.wake.nudge();
        }
        // A sandbox's clock may have been moved on since.
        case.offset = settlement.offset;
        case.has_put_down = AtomicBool::new(puts_down);
        match settlement.next {
            Some((run, domain)) => (case.run, case.domain) = (run, domain),
            None => return Ok(settlement.due_at),
        }
        // Who renames an inbox does not ask whoever looks after it.
        let looks_after = matches!(case.run.kind, RunKind::Watch | RunKind::Sign);
        if looks_after {
            case.is_renaming = is_renaming(&mut parts.store.read().await?, &case.run).await?;
        }
        if settlement.inboxes || looks_after {
            case.inboxes = inboxes::of_domain(&mut parts.store.read().await?, &case.domain.id).await?;
        }
        if settlement.consents {
            case.consents = consents_of(&mut parts.store.read().await?, &case.run).await?;
        }
        if settlement.zones {
            case.zone = zones::of_domain(&mut parts.store.read().await?, &case.domain.id).await?;
        }
        if !case.run.step.spec().answers.is_empty() {
            case.order = order_of(&mut parts.store.read().await?, &case.run).await?;
        }
    }
}

/// Puts into the span of a run what was not known when it was opened.
fn say_whose(case: &Case) {
    let (span, Case { run, order, .. }) = (Span::current(), case);
    traces::tell(&span, "order", run.order.as_ref());
    traces::tell(&span, "job", run.job.as_ref());
    traces::tell(&span, "domain", Some(&run.domain));
    traces::tell(&span, "trace_id", order.as_ref().and_then(|order| order.trace).map(|trace| trace.trace_id()));
}

/// Somebody else has the work. What was done meanwhile all the same is looked for: nobody else knows of it.
async fn too_late(parts: &Arc<Parts>, run: &Run, acted: bool) -> Result<Option<Time>, Failure> {
    let (run_id, step) = (&run.id, run.step.as_str());
    if acted {
        tracing::warn!(run = %run_id, step, "a step went on after its lease; what it did is looked for");
        late::write_down(parts, run).await;
    } else {
        tracing::info!(run = %run_id, step, "another worker has this work; nothing was done");
    }
    Ok(None)
}

async fn gather(parts: &Arc<Parts>, task: &Task) -> Result<Option<Case>, StoreError> {
    let mut db = parts.store.read().await?;
    let Some(run) = runs::load(&mut db, &RunId::opaque(&task.subject)).await? else { return Ok(None) };
    let domain = domains::load(&mut db, &run.domain).await?;
    let order = order_of(&mut db, &run).await?;
    let (Some(domain), true) = (domain, run.is_live()) else { return Ok(None) };
    let inboxes = inboxes_of(&mut db, &run).await?;
    let consents = consents_of(&mut db, &run).await?;
    let zone = zones::of_domain(&mut db, &run.domain).await?;
    let partner = partners::get(&mut db, &run.partner).await?;
    let user = user_of(&mut db, &run, &domain).await?;
    let offset = partner.as_ref().map_or(0, |partner| partner.offset(run.world.environment()));
    let behind = is_behind(&mut db, &run, &domain.name).await?;
    let is_renaming = is_renaming(&mut db, &run).await?;
    let (swap, holder) = gather_swap(&mut db, &run, &domain).await?;
    let asked_at = asked_at(&mut db, &run, &domain).await?;
    let now = parts.clock.now().plus(offset);
    let is_renewing = is_renewing(&mut db, &run, now).await?;
    let permit = Permit::Wait(Held::Paused);
    Ok(Some(Case {
        run,
        domain,
        order,
        user,
        partner,
        inboxes,
        consents,
        zone,
        swap,
        holder,
        behind,
        is_renaming,
        asked_at,
        is_renewing,
        permit,
        has_put_down: AtomicBool::new(false),
        offset,
    }))
}

async fn order_of(db: &mut Db, run: &Run) -> Result<Option<Order>, StoreError> {
    match &run.order {
        Some(order) => orders::load(db, order).await,
        None => Ok(None),
    }
}

/// The customer whose domain it is.
async fn user_of(db: &mut Db, run: &Run, domain: &Domain) -> Result<Option<User>, StoreError> {
    let scope = Scope { partner: run.partner.clone(), world: run.world.clone() };
    match &domain.user {
        Some(user) if run.kind.steps().iter().any(|step| step.spec().talks_to.contains(&Role::Sequencer)) => {
            users::get(db, &scope, user).await
        }
        _ => Ok(None),
    }
}

/// The swap that a run is a part of, and who holds the name that it is about.
async fn gather_swap(db: &mut Db, run: &Run, domain: &Domain) -> Result<(Option<Swap>, Option<Domain>), StoreError> {
    let job = run.job.as_ref().filter(|_| run.kind.spec().is_part_of_swap);
    let swap = match job {
        Some(job) => swaps::load(db, &SwapId::opaque(job)).await?,
        None => None,
    };
    let name = match run.kind.spec().looks_for_holder {
        Some(HolderOf::ItsName) => Some(&domain.name),
        Some(HolderOf::Replacement) => swap.as_ref().and_then(|swap| swap.replacement_name.as_ref()),
        None => None,
    };
    let mut holders = domains::holders(db, &run.world, name.map_or(&[], std::slice::from_ref)).await?;
    Ok((swap, holders.pop()))
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

/// A place at each account that the step asks; `None` while one has none.
fn place<'a>(parts: &'a Parts, case: &Case, cast: Option<&Cast>) -> Option<Place<'a>> {
    let roster = parts.providers.roster(&case.run.world).zip(cast);
    let wanted = roster.map(|(roster, cast)| places::wanted(case.run.step, cast, roster, parts.settings.steps));
    parts.accounts.places.enter(&wanted.unwrap_or_default())
}

/// Nothing was tried: the task is due again in a moment.
async fn come_again(parts: &Arc<Parts>, task: &Task, lease: &str) -> Result<Time, Failure> {
    let (id, lease, due) = (task.id.clone(), lease.to_owned(), parts.clock.now().plus(places::AGAIN));
    let back = parts.store.settle(move |tx| {
        let (id, lease) = (id.clone(), lease.clone());
        async move { tasks::postpone(tx, &id, &lease, due).await }.boxed()
    });
    back.await.map(|()| due)
}

/// How a try of a step went for the process that made it.
enum Tried {
    Ended(Ended),
    /// The work is somebody else's; whether the provider was asked for something.
    TooLate {
        acted: bool,
    },
    /// An account that would be asked is asked enough already.
    NoPlace,
    /// A test let the worker die here.
    Died,
}

/// What decides whether something is bought is read right before it is: nothing is bought that was cancelled since the
/// run was gathered.
async fn read_again(parts: &Arc<Parts>, case: &mut Case) -> Result<(), StoreError> {
    if !case.run.step.spec().buys {
        return Ok(());
    }
    let mut db = parts.store.read().await?;
    case.order = order_of(&mut db, &case.run).await?;
    if let Some(domain) = domains::load(&mut db, &case.run.domain).await? {
        case.domain = domain;
    }
    Ok(())
}

/// At which account the step buys, if it does.
fn whom(case: &Case, cast: &Cast) -> &'static str {
    match (IntentKind::of(case.run.step), case.domain.provider) {
        (Some(IntentKind::Seat), Some(provider)) => cast.mail(provider).account,
        _ => cast.registrar.account,
    }
}

/// One try, with the lease renewed while it lasts.
async fn try_step(parts: &Arc<Parts>, task: &Task, lease: &str, case: &mut Case) -> Result<Tried, Failure> {
    if meets(parts, case, Point::BeforeCall).await == Fate::Die {
        return Ok(Tried::Died);
    }
    read_again(parts, case).await?;
    // Whatever happened since the rows were gathered: nothing is sent for work that is somebody else's by now.
    let hold = match Hold::ask(parts, task, lease).await {
        Err(Failure::Lost) => return Ok(Tried::TooLate { acted: false }),
        held => held?,
    };
    match give_accounts(parts, task, (&hold, lease), (&case.run, &case.domain)).await {
        Err(Failure::Lost) => return Ok(Tried::TooLate { acted: false }),
        given => case.domain = given?.unwrap_or_else(|| case.domain.clone()),
    }
    let cast = parts.providers.cast(&case.run.world, &case.domain.accounts);
    let Some(_place) = place(parts, case, cast.as_ref()) else { return Ok(Tried::NoPlace) };
    let account = cast.as_ref().map_or(NOBODY, |cast| whom(case, cast));
    case.permit = match intend(parts, task, lease, (&case.run, &case.domain), account).await {
        Err(Failure::Lost) => return Ok(Tried::TooLate { acted: false }),
        permit => permit?,
    };
    let now = Now { server: parts.clock.now(), offset: case.offset };
    let mut outcome = call_once(parts, &hold, case, cast.as_ref(), now).instrument(span(case)).await;
    match meets(parts, case, Point::AfterCall).await {
        Fate::Live | Fate::Freeze => {}
        Fate::Repeat => outcome = call_once(parts, &hold, case, cast.as_ref(), now).instrument(span(case)).await,
        Fate::Die => return Ok(Tried::Died),
    }
    let ended = outcome.map(|outcome| Tried::Ended(Ended { outcome, began_at: now.partner() }));
    Ok(ended.unwrap_or(Tried::TooLate { acted: case.run.step.spec().acts }))
}

/// One try of a step, within the span of its run; a trace has no runs, so that it is told there whose the step is.
fn span(case: &Case) -> Span {
    let (Case { run, .. }, trace) = (case, case.order.as_ref().and_then(|order| order.trace));
    let (step, attempt) = (run.step.as_str(), run.attempts() + 1);
    let span = tracing::info_span!("step", step, attempt, trace_id = field::Empty);
    // What goes on for years would never let a trace end.
    let is_upkeep = matches!(run.kind, RunKind::Watch | RunKind::Renew);
    let place = if is_upkeep { traces::link(&span, trace) } else { traces::follow(&span, trace) };
    let trace_id = |place: TraceParent| place.trace_id();
    let own = place.map(trace_id).filter(|own| Some(own) != trace.map(trace_id).as_ref());
    traces::tell(&span, "trace_id", own);
    let whose = [
        ("partner", Some(run.partner.as_str())),
        ("order", run.order.as_ref().map(Id::as_str)),
        ("job", run.job.as_deref()),
        ("domain", Some(run.domain.as_str())),
        ("run", Some(run.id.as_str())),
    ];
    for (name, value) in whose {
        if let Some(value) = value {
            traces::note(&span, name, value.to_owned());
        }
    }
    span
}

/// What a test lets the worker meet here.
async fn meets(parts: &Parts, case: &Case, point: Point) -> Fate {
    let Some(probe) = &parts.probe else { return Fate::Live };
    let fate = probe.fate(case.domain.name.as_str(), case.run.step, point);
    if fate == Fate::Freeze {
        probe.thaw().await;
    }
    fate
}

/// `None` when the lease ended first: the call is not carried on with, and nobody knows what it did.
async fn call_once(parts: &Arc<Parts>, hold: &Hold<'_>, case: &Case, cast: Option<&Cast>, now: Now) -> Option<Outcome> {
    let Some(cast) = cast else {
        let words = "No provider is configured for this environment.".into();
        return Some(Outcome::then(Then::Operator { words }));
    };
    let cx = case.cx(cast, parts, now);
    let calling = async {
        meets(parts, case, Point::InCall).await;
        steps::perform(&cx).await
    };
    let (step, began) = (case.run.step.as_str(), Instant::now());
    let trying = tokio::time::timeout(CALL_LIMIT, AssertUnwindSafe(calling).catch_unwind());
    let unclear = |words: &str| Outcome::then(Then::Retry { words: words.into() });
    let outcome = match hold.during(trying).await? {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => {
            tracing::error!(run = %case.run.id, step = case.run.step.as_str(), "a step panicked");
            unclear("An internal error; the operator has been told and we try again.")
        }
        Err(_) => unclear("There was no answer in time; we look before we do anything again."),
    };
    traces::note(&Span::current(), "outcome", outcome.then.name());
    metrics::histogram!(metric::STEP_SECONDS, "step" => step).record(began.elapsed());
    let (name, partner) = (outcome.then.name(), case.run.partner.to_string());
    metrics::counter!(metric::STEPS, "step" => step, "outcome" => name).increment(1);
    metrics::counter!(metric::PARTNER_STEPS, "partner" => partner, "outcome" => name).increment(1);
    Some(outcome)
}

impl Case {
    /// Whether the zone's row has what the run has learnt: not when a process from before zones were kept learnt it.
    fn is_told_by(&self, zone: &HostedZone) -> bool {
        self.run.memory.mail_records.is_empty() || zone.has_any(Purpose::Mail)
    }

    fn cx<'a>(&'a self, cast: &'a Cast, parts: &'a Parts, now: Now) -> Cx<'a> {
        let call = Call {
            world: self.run.world.clone(),
            now: now.partner(),
            reference: self.run.memory.looks_for.clone().unwrap_or_else(|| self.run.reference()),
            nudges: self.run.memory.nudges,
            subject: self.domain.name.clone(),
            registrant: parts.providers.registrant(&self.run.world, &self.run.partner),
            asked_at: self.asked_at,
            customer: self.domain.user.clone(),
            by_hand: self.run.memory.by_hand.clone(),
        };
        Cx {
            run: &self.run,
            domain: &self.domain,
            order: self.order.as_ref(),
            user: self.user.as_ref(),
            partner: self.partner.as_ref(),
            inboxes: &self.inboxes,
            consents: &self.consents,
            zone: self.zone.as_ref().filter(|zone| self.is_told_by(zone)),
            swap: self.swap.as_ref(),
            holder: self.holder.as_ref(),
            behind: self.behind,
            is_renaming: self.is_renaming,
            is_renewing: self.is_renewing,
            permit: &self.permit,
            has_just_put_down: self.has_put_down.swap(false, Ordering::Relaxed),
            cast,
            providers: &parts.providers,
            accounts: &parts.accounts,
            talks_to: self.run.step.spec().talks_to,
            call,
            vault: parts.store.vault(),
            now,
        }
    }
}
