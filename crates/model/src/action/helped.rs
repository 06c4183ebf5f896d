//! Who looks again when a question is answered: whoever asked it, and those whom the same answer can help.

use super::{Action, ActionType, Answer, Resolving};
use crate::change::Change;
use crate::id::DomainId;
use crate::run::{Run, RunKind, RunState, StepName};

/// The runs that asked.
pub(super) fn own(facts: &Resolving) -> impl Iterator<Item = &Run> {
    facts.runs.iter().filter(|run| asked(&facts.action, run))
}

/// Of what older versions asked it is only known about which domain.
fn asked(action: &Action, run: &Run) -> bool {
    let by = action.run.as_ref().is_none_or(|by| *by == run.id);
    run.state == RunState::Asking && run.domain == action.domain && by
}

/// Has everybody look again at once whom the answer can help, and remembers with which questions it was given.
pub(super) fn look_again(facts: &Resolving, answer: &Answer, change: &mut Change) {
    for run in own(facts) {
        // The answer itself may have changed it.
        match change.runs.update.iter_mut().find(|changed| changed.id == run.id) {
            Some(changed) => changed.memory.nudges += 1,
            None => {
                let mut nudged = run.clone();
                nudged.memory.nudges += 1;
                change.runs.update.push(nudged);
            }
        }
    }
    let helped: Vec<_> =
        facts.runs.iter().filter(|run| asked(&facts.action, run) || helps(facts, answer, run)).collect();
    change.make_due.extend(helped.iter().map(|run| run.id.clone()));
    if *answer == Answer::Again {
        return;
    }
    let is_answered = |action: &&Action| {
        let same_kind = action.reason.action_type() == facts.action.reason.action_type();
        action.id == facts.action.id || (same_kind && helped.iter().any(|run| asked(action, run)))
    };
    let others = facts.open.iter().filter(|action| action.id != facts.action.id);
    let answered = others.chain([&facts.action]).filter(is_answered).filter(|action| action.answered != facts.answered);
    change.actions.update.extend(answered.map(|action| Action { answered: facts.answered.clone(), ..action.clone() }));
}

/// Whether a run that waits for a person can get on by what another one asked for.
fn helps(facts: &Resolving, answer: &Answer, run: &Run) -> bool {
    if run.state != RunState::Asking {
        return false;
    }
    match answer {
        Answer::Login { .. } | Answer::ApiKey(_) => matches!(run.step, StepName::LinkSequencer | StepName::RelinkInbox),
        Answer::Picture(_) => {
            let persona = facts.action.persona.unwrap_or(0);
            people_of(facts, &run.domain) == people_of(facts, &facts.domain.id)
                && picture_of(facts, run) == Some(persona)
        }
        // Whoever renames mailboxes of a domain says it of all of them.
        Answer::Mailboxes(_) => run.kind == RunKind::Rename && run.domain == facts.action.domain,
        _ => false,
    }
}

/// Whose people a domain's inboxes carry the names of: its own, or its order's.
fn people_of<'a>(facts: &'a Resolving, domain: &'a DomainId) -> Option<&'a DomainId> {
    let own = facts.with_own_people.contains(domain);
    own.then_some(domain)
}

/// Which of the people's pictures a run waits for.
fn picture_of(facts: &Resolving, run: &Run) -> Option<i64> {
    match (run.kind, run.step) {
        (RunKind::Rename, StepName::RenameInbox) => Some(i64::try_from(run.memory.persona.unwrap_or(0)).unwrap_or(0)),
        (RunKind::Provision, StepName::CreateInboxes) => {
            let about = |action: &&Action| action.reason.action_type() == ActionType::GoogleProfilePicture;
            let mut actions = facts.open.iter().filter(about);
            actions.find(|action| asked(action, run)).map(|action| action.persona.unwrap_or(0))
        }
        _ => None,
    }
}
