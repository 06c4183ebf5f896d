//! Questions to people: opened when a step asks, closed when it gets on.

use crate::action::{Action, ActionReason, ActionType, words};
use crate::change::Rows;
use crate::clock::Now;
use crate::domain::{Domain, Source};
use crate::id::Ids;
use crate::run::Moved;
use crate::view::{self, Why};

/// What becomes of a domain's open question after a move.
pub(super) struct Question {
    /// The rows to write.
    pub(super) actions: Rows<Action>,
    /// Whether a question was asked that was not open before.
    pub(super) is_new: bool,
}

impl Question {
    /// The `data` of the event that tells of a new question about a domain.
    pub(super) fn told(&self, domain: &Domain) -> Option<String> {
        let asked = self.actions.insert.first().filter(|_| self.is_new)?;
        Some(Why::asked(asked).beside(&view::Domain::of(domain)))
    }
}

/// Leaves a question alone while it is the same, closes it when its step got on, and opens another.
pub(super) fn follow(open: Option<&Action>, moved: &Moved, now: Now, ids: &Ids) -> Question {
    let mut question = Question { actions: Rows::default(), is_new: false };
    let same = match (open, moved.ask) {
        (Some(action), Some((reason, _))) => action.reason == reason,
        // Another workflow's question is not answered by this one.
        (Some(action), None) => !moved.has_got_on() || !is_asked_by(action, moved),
        (None, None) => true,
        (None, Some(_)) => false,
    };
    if same {
        return question;
    }
    question.actions = close(open, now);
    if let Some((reason, persona)) = moved.ask {
        question.actions.insert.push(ask(moved, reason, persona, now, ids));
        question.is_new = true;
    }
    question
}

/// Closes a question that is out of date, and asks again.
pub(super) fn follow_anew(open: &Action, moved: &Moved, now: Now, ids: &Ids) -> Question {
    let mut actions = close(Some(open), now);
    actions.insert.extend(moved.ask.map(|(reason, persona)| ask(moved, reason, persona, now, ids)));
    Question { is_new: !actions.insert.is_empty(), actions }
}

/// Whether the run that moved asked it; of what older versions asked, nobody knows.
pub(super) fn is_asked_by(action: &Action, moved: &Moved) -> bool {
    action.run.as_ref().is_none_or(|run| *run == moved.run.id)
}

/// The same for a workflow that is not the only one at its domain, and asks questions of some types: while another's
/// is open it waits without asking.
pub(super) fn follow_own(own: &[ActionType], open: Option<&Action>, moved: &Moved, now: Now, ids: &Ids) -> Question {
    let ours = open.filter(|action| own.contains(&action.reason.action_type()));
    match (open, moved.ask) {
        (Some(action), Some(_)) if gives_way(action, moved) => follow_anew(action, moved, now, ids),
        (Some(action), None) if gives_way(action, moved) => Question { actions: Rows::default(), is_new: false },
        (Some(_), _) if ours.is_none() => Question { actions: Rows::default(), is_new: false },
        _ => follow(ours, moved, now, ids),
    }
}

/// The same for a workflow whose question can wait: while any other is open it asks nothing.
pub(super) fn follow_alone(open: Option<&Action>, moved: &Moved, now: Now, ids: &Ids) -> Question {
    match open.filter(|action| !is_asked_by(action, moved)) {
        Some(_) => Question { actions: Rows::default(), is_new: false },
        None => follow(open, moved, now, ids),
    }
}

/// Whether it is another's question that can wait, of a domain that works without: it is closed for this one, and asked again
/// when that is answered. The key that mail is signed with gives way to all, a picture to what holds the domain up.
pub(super) fn gives_way(action: &Action, moved: &Moved) -> bool {
    let is_anothers = !is_asked_by(action, moved) && moved.domain.connected_at.is_some();
    is_anothers
        && match action.reason.action_type() {
            ActionType::MailProvider => action.reason == ActionReason::DkimNeedsEnabling,
            ActionType::GoogleProfilePicture => moved.run.kind.spec().holds_the_domain_up,
            _ => false,
        }
}

/// Closes a question, when there is one.
pub(super) fn close(open: Option<&Action>, now: Now) -> Rows<Action> {
    let closed = |action: &Action| Action { open: false, resolved_at: Some(now.partner()), ..action.clone() };
    Rows { insert: vec![], update: open.map(closed).into_iter().collect() }
}

/// A domain that has worked is asked about in other words: nothing of it can be given up for a credit.
fn message(domain: &Domain, reason: ActionReason) -> String {
    let ours = matches!(domain.source, Source::Registrar);
    let told = match reason {
        _ if domain.connected_at.is_none() => return words(domain, reason),
        ActionReason::NameserversNotPointed if ours => {
            "The domain no longer uses our nameservers. They are set at the operator's registrar: there is nothing to do at yours, and it is looked at again every ten minutes."
        }
        ActionReason::NameserversNotPointed => {
            "The domain no longer uses our nameservers. Set them again at the registrar that holds it."
        }
        ActionReason::PriceChanged => {
            "The registrar asks more for another year than was agreed. Ask the operator; it is tried again every ten minutes."
        }
        ActionReason::RegistrarRejected => {
            "The registrar refused to renew the name. Ask the operator if it stays so; it is tried again every ten minutes."
        }
        _ => return words(domain, reason),
    };
    told.to_owned()
}

fn ask(moved: &Moved, reason: ActionReason, persona: Option<i64>, now: Now, ids: &Ids) -> Action {
    let domain = &moved.domain;
    Action {
        id: ids.next(),
        partner: domain.partner.clone(),
        world: domain.world.clone(),
        reason,
        open: true,
        order: domain.order.clone(),
        domain: domain.id.clone(),
        domain_name: domain.name.to_string(),
        user: domain.user.clone(),
        persona,
        message: message(domain, reason),
        created_at: now.partner(),
        run: Some(moved.run.id.clone()),
        resolved_at: None,
        answered: None,
        version: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DomainStatus;
    use crate::id::{Id as _, RunId};
    use crate::run::tests::{NOW, domain, ids, moved};
    use crate::run::{Run, RunKind, Then};

    #[test]
    fn a_workflow_leaves_anothers_question_alone() {
        let works = domain(DomainStatus::Active, true);
        let run = Run::new(RunId::opaque("run_1"), RunKind::Renew, &works, NOW);
        let asks = moved(&run, &works, Then::Ask { reason: ActionReason::RegistrarRejected, persona: None });
        let watch = Run::new(RunId::opaque("run_2"), RunKind::Watch, &works, NOW);
        let lost = moved(&watch, &works, Then::Ask { reason: ActionReason::NameserversNotPointed, persona: None });
        let drifted = super::ask(&lost, ActionReason::NameserversNotPointed, None, NOW, &ids());
        let question = follow_own(&[ActionType::Registration], Some(&drifted), &asks, NOW, &ids());
        assert_eq!((question.actions, question.is_new), (Rows::default(), false));
        assert!(follow_own(&[ActionType::Registration], None, &asks, NOW, &ids()).is_new);

        let got_on = moved(&asks.run, &asks.domain, Then::Done);
        let question = follow_own(&[ActionType::Registration], Some(&drifted), &got_on, NOW, &ids());
        assert_eq!(question.actions, Rows::default(), "the other one's question is not answered by this");
    }
}
