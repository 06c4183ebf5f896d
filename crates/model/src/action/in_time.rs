//! Whether an answer comes in time: before its question is resolved, and not beside a try that would overlook it.

use super::helped::own;
use super::{Answer, Answered, Resolving};
use crate::refusal::{Code, Fault, Refusal};

/// Where the last look at what was asked about stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// It has ended: whoever looks next sees what is answered now.
    Over,
    /// It has ended, and the next one is due: an answer before this one may be what it is for.
    Due,
    /// Whoever looked was lost before they could tell what they found or did.
    Unclear,
    /// Somebody is looking right now.
    UnderWay,
}

/// Refuses what is answered to a question that is resolved, unless it is the answer that resolved it. To have it looked
/// at again decides nothing, and shows what it is.
pub(super) fn refuse_late(facts: &Resolving, answer: &Answer) -> Result<(), Refusal> {
    if *answer == Answer::Again || is_repeated(facts) {
        return Ok(());
    }
    let (action, domain) = (&facts.action, &facts.domain);
    let with = action.answered.as_ref().map(|answered| answered.with.as_str());
    let how = with.map_or_else(|| "without an answer".to_owned(), |field| format!("with `{field}`"));
    let message = format!(
        "This question is resolved already, {how}, and {} is {} now. Nothing was changed; GET /domains/{} to see what became of it.",
        domain.name,
        domain.status.as_str(),
        domain.id
    );
    let fault = Fault::new(Code::Conflict, message).with("reason", "already_resolved").with("resolved_with", with);
    let fault = fault.with("resolved_at", action.resolved_at.map(|at| at.to_string()));
    Err(fault.with("domain_id", domain.id.to_string()).with("domain_status", domain.status.as_str()).into())
}

/// Whether the same was answered last: the first answer may have been lost on its way.
pub(super) fn is_repeated(facts: &Resolving) -> bool {
    facts.action.answered.is_some() && facts.action.answered == facts.answered
}

/// Whether a try may have begun that knows nothing of this answer. One that decides what is bought needs a try that has
/// told its end; the others only that nobody is at it.
pub(super) fn may_be_overlooked(facts: &Resolving, answer: &Answer) -> bool {
    match answer {
        Answer::Again => false,
        // What is bought already is given up at any moment: the next step looks.
        Answer::GiveUp => !facts.domain.held && may_be_bought(facts),
        Answer::Replacement(_) | Answer::MaxTotal(_) => may_be_bought(facts),
        Answer::Picture(_)
        | Answer::Login { .. }
        | Answer::ApiKey(_)
        | Answer::Target(_)
        | Answer::Mailboxes(_)
        | Answer::SigningKey(_)
        | Answer::Logins(_) => facts.look == Look::UnderWay,
    }
}

fn may_be_bought(facts: &Resolving) -> bool {
    facts.look > Look::Due || is_decided(facts) || own(facts).any(|run| run.memory.in_doubt)
}

/// Whether a higher price was agreed to, and the look that buys at it is about to begin: that answer has won.
fn is_decided(facts: &Resolving) -> bool {
    let agreed = |answered: &Answered| answered.with == "max_total_cents";
    facts.look == Look::Due && facts.action.answered.as_ref().is_some_and(agreed)
}

/// The refusal of an answer that might be overlooked.
pub(super) fn being_looked_at(facts: &Resolving, answer: &Answer) -> Refusal {
    let message = format!(
        "{} is being looked at right now, and this answer could come too late for that. Nothing was changed; send it again in a moment.",
        facts.domain.name
    );
    Fault::new(Code::Conflict, message).at(answer.field()).with("reason", "being_looked_at").into()
}
