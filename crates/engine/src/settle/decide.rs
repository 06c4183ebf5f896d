//! What follows from a try, as things stand in the transaction that writes it.

use model::action::Action;
use model::change::Change;
use model::clock::Now;
use model::domain::Domain;
use model::id::Id;
use model::run::{Meanwhile, Moved, Next, Run, RunKind, Try, Who, advance};
use store::locks::level::Partner;
use store::spend::Limits;
use store::{Halt, Locks, inboxes, orders};

use super::{
    Settlement, Settling, bought, close, consent, forward, import, logins, look_back, provision, rename, renew,
    replace, sign, watch, zone,
};
use crate::parts::Parts;

/// What is to be written.
pub(super) struct Decided {
    pub(super) change: Change,
    /// When the run is worked on again.
    pub(super) next: Next,
    /// What is left behind then, but for when the task is due.
    pub(super) settlement: Settlement,
}

/// Without limits, which are locked before the partner is, nothing is decided about the order: `None` when that is concerned.
pub(super) async fn decide(
    tx: &mut Locks<'_, Partner>,
    parts: &Parts,
    one: &Settling,
    (run, domain): (&Run, &Domain),
    (limits, now): (Option<&Limits>, Now),
) -> Result<Option<Decided>, Halt> {
    let (Settling { seen, ended, .. }, none) = (one, Limits::default());
    let outcome = &*replace::evaluate(tx.part(), parts, run, &ended.outcome, limits.unwrap_or(&none), now).await?;
    let order = match &seen.order {
        Some(order) if seen.asks_for_what_may_be_sent(outcome) => orders::load(tx, &order.id).await?,
        _ => None,
    };
    let outcome = &*watch::evaluate(tx, parts, run, outcome, now).await?;
    let meanwhile = Meanwhile { seen, run, domain, order: order.as_ref(), now };
    let outcome = &*meanwhile.evaluate(outcome);
    let known = if outcome.learnt.concerns_inboxes() { inboxes::of_domain(tx, &domain.id).await? } else { vec![] };
    let tried = Try { run, domain, inboxes: &known, outcome, began_at: ended.began_at, now };
    let mut moved = advance(&tried, &parts.ids, &parts.settings.policy);
    if meanwhile.is_due_at_once() && matches!(moved.next, Next::At(_)) {
        moved.next = Next::At(now.server);
    }
    if limits.is_none() && moved.concerns_order() {
        return Ok(None);
    }
    logins::follow(&tx.vault(), &tried, &mut moved);
    let mut change = moved.rows(run, domain);
    change.intents.update.extend(bought::after_try(tx, (run, domain), outcome, now.server).await?);
    change.intents.update.extend(bought::seats_after(tx, &tried, &moved).await?);
    change.consents.update.extend(consent::after_try(tx, domain, outcome).await?);
    change.append(zone::effects(tx, parts, &tried, &moved).await?);
    change.append(effects(tx.part(), parts, &tried, &moved).await?);
    one.asked_in.in_scope(|| {
        report(&moved.run);
        report_questions(&change.actions.insert);
    });
    Ok(Some(decided(parts, &tried, &moved, change)))
}

fn decided(parts: &Parts, tried: &Try<'_>, moved: &Moved, change: Change) -> Decided {
    // What a domain counts as may be told of its order as well.
    let counts_anew = moved.was.class() != moved.domain.status.class();
    let goes_on = moved.next == Next::Go && !parts.stop.is_cancelled();
    let settlement = Settlement {
        next: goes_on.then(|| (run_after(&change, tried.run), domain_after(&change, tried.domain))),
        inboxes: !change.inboxes.insert.is_empty() || !change.inboxes.update.is_empty(),
        consents: !change.consents.update.is_empty(),
        zones: !change.zones.insert.is_empty() || !change.zones.update.is_empty(),
        events: counts_anew || !change.events.is_empty() || !change.tasks.is_empty(),
        due_at: None,
        offset: tried.now.offset,
    };
    Decided { change, next: moved.next, settlement }
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
