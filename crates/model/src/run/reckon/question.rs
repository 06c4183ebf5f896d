//! Questions to people: opened when a step asks, closed when it gets on.

use crate::action::{Action, ActionReason};
use crate::change::Rows;
use crate::clock::Now;
use crate::domain::Domain;
use crate::id::Ids;
use crate::run::Moved;

/// What becomes of a domain's open question after a move.
pub(super) struct Question {
    /// The rows to write.
    pub(super) actions: Rows<Action>,
    /// Whether a question was asked that was not open before.
    pub(super) is_new: bool,
}

/// Leaves a question alone while it is the same, closes it when its step got on, and opens another.
pub(super) fn follow(open: Option<&Action>, moved: &Moved, now: Now, ids: &Ids) -> Question {
    let mut question = Question { actions: Rows::default(), is_new: false };
    let same = match (open, moved.ask) {
        (Some(action), Some((reason, _))) => action.reason == reason,
        // Another workflow's question is not answered by this one.
        (_, None) => !moved.has_got_on(),
        (None, Some(_)) => false,
    };
    if same {
        return question;
    }
    question.actions = close(open, now);
    if let Some((reason, persona)) = moved.ask {
        question.actions.insert.push(ask(&moved.domain, reason, persona, now, ids));
        question.is_new = true;
    }
    question
}

/// Closes a question, when there is one.
pub(super) fn close(open: Option<&Action>, now: Now) -> Rows<Action> {
    let closed = |action: &Action| Action { open: false, resolved_at: Some(now.partner()), ..action.clone() };
    Rows { insert: vec![], update: open.map(closed).into_iter().collect() }
}

fn ask(domain: &Domain, reason: ActionReason, persona: Option<i64>, now: Now, ids: &Ids) -> Action {
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
        message: reason.sentence().to_owned(),
        created_at: now.partner(),
        resolved_at: None,
        version: 1,
    }
}
