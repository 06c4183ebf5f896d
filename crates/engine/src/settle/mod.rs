//! Writes what came of a try: the run, its domain, and everything around them, in one transaction.

use std::borrow::Cow;
use std::sync::Arc;

use futures_util::FutureExt as _;
use model::action::{Action, ActionType};
use model::change::Change;
use model::clock::{Now, Time};
use model::domain::{Class, Domain, Stop};
use model::id::{Id, TaskId};
use model::order::Order;
use model::persona::Persona;
use model::run::{Failure as RunFailure, Moved, Next, Outcome, Run, RunKind, Then, Try, Who, advance};
use model::task::Task;
use store::locks::level::Partner;
use store::{Failure, Halt, Locks, Tx, domains, inboxes, orders, runs, tasks};

use crate::claim::LEASE;
use crate::parts::Parts;

mod close;
mod forward;
mod import;
mod look_back;
mod provision;
mod rename;
mod renew;
mod replace;
mod watch;

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
    /// Whether something was told or queued that others should look at.
    pub(crate) events: bool,
    /// When the run is due again, server time.
    pub(crate) due_at: Option<Time>,
    /// How far the world's time is ahead of ours.
    pub(crate) offset: i64,
}

/// What the step saw when it began.
struct Seen {
    run: Run,
    stop: Option<Stop>,
    /// Whose names and pictures, where they are the domain's own.
    people: Option<Vec<Persona>>,
    order: Option<Order>,
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
    let shared = Arc::new((parts.clone(), held, seen, ended));
    parts
        .store
        .settle(move |tx| {
            let shared = shared.clone();
            async move {
                let (parts, held, seen, ended) = &*shared;
                settle_in(tx, parts, held, seen, ended).await
            }
            .boxed()
        })
        .await
}

async fn settle_in(tx: &mut Tx, parts: &Parts, held: &Held, seen: &Seen, ended: &Ended) -> Result<Settlement, Halt> {
    let (before, outcome) = (&seen.run, &ended.outcome);
    let tx = Locks::new(tx).turn(tells(before, outcome)).await?;
    let mut tx = tx.task(&held.task, &held.lease).await?;
    let run = runs::load(&mut tx, &before.id).await?.ok_or(Halt::Lost)?;
    let domain = domains::load(&mut tx, &run.domain).await?.ok_or(Halt::Lost)?;
    if run.step != before.step || !run.is_live() {
        return Err(Halt::Lost);
    }
    let (tx, limits) = tx.limits_of_order(&replace::scope(&run), replace::books(&run, outcome), None).await?;
    let (mut tx, offset) = tx.clock(&run.partner, &run.world).await?;
    let now = Now { server: parts.clock.now(), offset };
    let outcome = &*replace::evaluate(tx.part(), parts, &run, outcome, &limits, now).await?;
    let outcome = &*evaluate_stop(&domain, outcome, now);
    let outcome = &*evaluate_leave(&run, &domain, outcome, now);
    let outcome = &*evaluate_late(&run, before, outcome, now);
    let outcome = &*evaluate_answer(&mut tx, seen, &domain, outcome, now).await?;
    let known = if outcome.learnt.concerns_inboxes() { inboxes::of_domain(&mut tx, &domain.id).await? } else { vec![] };
    let tried = Try { run: &run, domain: &domain, inboxes: &known, outcome, began_at: ended.began_at, now };
    let mut moved = advance(&tried, &parts.ids, &parts.settings.policy);
    let answered = run.memory.nudges != before.memory.nudges || domain.stop != seen.stop;
    let doubted = run.memory.late != before.memory.late;
    if (answered || doubted) && matches!(moved.next, Next::At(_)) {
        // A person has answered while the step was looking: it must look again, not in ten minutes.
        moved.next = Next::At(now.server);
    }
    let mut change = moved.rows(&run, &domain);
    change.append(effects(tx.part(), parts, &tried, &moved).await?);
    report(&moved.run);
    report_questions(&change.actions.insert);
    finish(&mut tx, parts, held, &tried, moved, change).await
}

/// A cancellation that was taken back while its step was ending the domain ends nothing: the step goes on.
fn evaluate_stop<'a>(domain: &Domain, outcome: &'a Outcome, now: Now) -> Cow<'a, Outcome> {
    if outcome.then != Then::Stop || domain.stop.is_some() {
        return Cow::Borrowed(outcome);
    }
    let again = Then::Wait { until: now.partner(), why: "It goes on.".into() };
    Cow::Owned(Outcome { learnt: outcome.learnt.clone(), then: again })
}

/// Nobody is asked about a domain that has begun to leave while its step was looking: the next look sees that.
fn evaluate_leave<'a>(run: &Run, domain: &Domain, outcome: &'a Outcome, now: Now) -> Cow<'a, Outcome> {
    let spec = run.kind.spec();
    let asks = match outcome.then {
        Then::Ask { .. } => true,
        Then::Fail { .. } => matches!(spec.failure, RunFailure::Asks(_)),
        Then::Done | Then::Wait { .. } | Then::Retry { .. } | Then::Operator { .. } | Then::Stop => false,
    };
    if !(asks && spec.spares_leaving) || domain.status.class() != Class::Gone {
        return Cow::Borrowed(outcome);
    }
    let again = Then::Wait { until: now.partner(), why: "The domain leaves its order.".into() };
    Cow::Owned(Outcome { learnt: outcome.learnt.clone(), then: again })
}

/// Somebody has acted too late while this try was looking: what it saw may not be so any more, and an end is final.
fn evaluate_late<'a>(run: &Run, before: &Run, outcome: &'a Outcome, now: Now) -> Cow<'a, Outcome> {
    if run.memory.late == before.memory.late || !outcome.ends(run) {
        return Cow::Borrowed(outcome);
    }
    let again = Then::Wait { until: now.partner(), why: "It is looked at again.".into() };
    Cow::Owned(Outcome { learnt: outcome.learnt.clone(), then: again })
}

/// Nobody is asked for what was sent while the step was looking, to the question of another domain: it looks again.
async fn evaluate_answer<'a>(
    tx: &mut Tx,
    seen: &Seen,
    domain: &Domain,
    outcome: &'a Outcome,
    now: Now,
) -> Result<Cow<'a, Outcome>, Halt> {
    let (Then::Ask { reason, .. }, Some(before)) = (&outcome.then, &seen.order) else {
        return Ok(Cow::Borrowed(outcome));
    };
    let answer = reason.action_type();
    if !seen.run.step.spec().answers.contains(&answer) {
        return Ok(Cow::Borrowed(outcome));
    }
    let order = orders::load(tx, &before.id).await?.ok_or(Halt::Lost)?;
    let is_sent = match answer {
        ActionType::SequencerLogin => order.sequencer != before.sequencer,
        ActionType::GoogleProfilePicture => {
            domain.personas != seen.people || (domain.personas.is_none() && order.personas != before.personas)
        }
        // These are answered with the domain itself, or by looking again.
        ActionType::Nameservers | ActionType::Registration | ActionType::MailProvider | ActionType::Forwarding => false,
    };
    if !is_sent {
        return Ok(Cow::Borrowed(outcome));
    }
    let again = Then::Wait { until: now.partner(), why: "It is looked at again with what was sent meanwhile.".into() };
    Ok(Cow::Owned(Outcome { learnt: outcome.learnt.clone(), then: again }))
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
    let raised = (i64::from(!change.runs.update.is_empty()), i64::from(!change.domains.update.is_empty()));
    tx.apply(change, &parts.ids, tried.now.server).await?;
    let goes_on = moved.next == Next::Go && !parts.stop.is_cancelled();
    let due_at = move_task(tx, held, moved.next, goes_on, tried.now.server).await?;
    let next = goes_on.then(|| {
        let run = Run { version: tried.run.version + raised.0, ..moved.run };
        let domain = Domain { version: tried.domain.version + raised.1, ..moved.domain };
        (run, domain)
    });
    Ok(Settlement { next, inboxes: touches_inboxes, events, due_at, offset: tried.now.offset })
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
        Next::Go if goes_on => tasks::extend(tx, task, lease, now.plus(LEASE)).await.map(|()| None),
        Next::Go => tasks::postpone(tx, task, lease, now).await.map(|()| None),
        Next::At(due) => tasks::postpone(tx, task, lease, due).await.map(|()| Some(due)),
        Next::Finished => tasks::finish(tx, task, lease).await.map(|()| None),
    }
}

#[cfg(test)]
mod tests {
    use model::action::ActionReason;
    use model::clock::Time;
    use model::domain::{DomainName, DomainStatus, Source};
    use model::id::{DomainId, PartnerId, RunId};
    use model::run::Learnt;
    use model::world::{Scope, World};

    use super::*;

    const NOON: Now = Now { server: Time(0), offset: 0 };

    fn domain() -> Domain {
        let scope = Scope { partner: PartnerId::opaque("org_1"), world: World::live() };
        let name = DomainName::stored("acme.com");
        Domain::new(DomainId::opaque("dom_1"), &scope, name, Source::Registrar, NOON.server)
    }

    #[test]
    fn nobody_is_asked_about_a_domain_that_leaves() {
        let works = Domain { status: DomainStatus::Active, ..domain() };
        let leaves = Domain { status: DomainStatus::Releasing, ..domain() };
        let asks = Outcome::then(Then::Ask { reason: ActionReason::NameserversNotPointed, persona: None });
        let fails = Outcome::then(Then::Fail { words: "No.".into() });
        for (kind, outcome, waits) in [
            (RunKind::Watch, &asks, true),
            (RunKind::Renew, &asks, true),
            (RunKind::Rename, &asks, true),
            (RunKind::Renew, &fails, true),
            (RunKind::Rename, &fails, false),
            (RunKind::Close, &asks, false),
        ] {
            let run = Run::new(RunId::opaque("run_1"), kind, &works, NOON);
            assert_eq!(*evaluate_leave(&run, &works, outcome, NOON), *outcome, "{kind:?}");
            let evaluated = evaluate_leave(&run, &leaves, outcome, NOON);
            assert_eq!(matches!(evaluated.then, Then::Wait { .. }), waits, "{kind:?}");
        }
    }

    #[test]
    fn a_cancellation_that_was_taken_back_ends_nothing() {
        let (goes_on, now) = (domain(), NOON);
        let ended = Outcome { learnt: Learnt::Registered { expires_at: Time(9) }, then: Then::Stop };
        let evaluated = evaluate_stop(&goes_on, &ended, now);
        assert_eq!(evaluated.learnt, ended.learnt, "what was seen stays known");
        assert!(matches!(evaluated.then, Then::Wait { .. }));
        let stopped = Domain { stop: Some(Stop::Cancelled), ..goes_on };
        assert_eq!(*evaluate_stop(&stopped, &ended, now), ended);
    }
}
