//! The answer of somebody who makes mailboxes by hand.

use super::Resolving;
use super::helped::own;
use crate::by_hand::Handed;
use crate::change::Change;
use crate::domain::Domain;
use crate::inbox::plan;
use crate::refusal::Refusal;
use crate::run::{Run, RunKind, RunState, StepName, StepState};

/// Puts down what was said: with the run that asked, or all that rename a mailbox of the domain, and logins with the domain.
pub(super) fn made(facts: &Resolving, handed: &Handed) -> Result<Change, Refusal> {
    let mut change = Change::default();
    let Some(run) = own(facts).next() else { return Ok(change) };
    let known = handed.check(run.memory.by_hand.as_ref(), run.kind, &facts.domain.name, &addresses(facts, run))?;
    let is_new = run.memory.by_hand.as_ref().is_none_or(|before| before.records != known.records);
    let waits = |one: &&Run| one.state == RunState::Asking && one.domain == run.domain && one.kind == run.kind;
    for run in facts.runs.iter().filter(waits) {
        let mut answered = run.clone();
        answered.memory.by_hand = Some(known.clone());
        if is_new && run.kind == RunKind::Provision {
            go_back(&mut answered);
        }
        change.runs.update.push(answered);
    }
    if let Some(logins) = handed.sealable(&facts.access.logins) {
        change.domains.update.push(Domain { mail_logins: Some(logins), ..facts.domain.clone() });
    }
    Ok(change)
}

/// The addresses that were asked for.
fn addresses(facts: &Resolving, run: &Run) -> Vec<String> {
    if run.kind != RunKind::Provision {
        return vec![];
    }
    let domain = &facts.domain;
    let people = domain.personas.as_deref().or(facts.order.as_ref().map(|order| order.personas.as_slice()));
    let planned =
        plan(&domain.name, people.unwrap_or_default(), domain.inboxes_planned, domain.persona_offset, &run.memory.kept);
    planned.into_iter().map(|one| one.email).collect()
}

/// Records that come after the first ones were published are published too: the run does again what it does with them.
fn go_back(run: &mut Run) {
    if run.step == StepName::OpenMailDomain {
        return;
    }
    if let Some(record) = run.steps.iter_mut().find(|record| record.step == run.step) {
        (record.state, record.who, record.next_try_at) = (StepState::Waiting, None, None);
    }
    run.step = StepName::OpenMailDomain;
}
