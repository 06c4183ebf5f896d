//! The renewal of a bought name: booked when it happened, asked about when it cannot.

use super::question::{self, Question};
use crate::action::{Action, ActionReason, ActionType};
use crate::change::Change;
use crate::clock::{DAY, Now};
use crate::domain::Domain;
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::ledger::{Charge, Line, LineKind, PaidFor};
use crate::money::{PriceBook, dollars};
use crate::order::Order;
use crate::run::{Moved, Next, Run, RunKind};
use crate::task::Task;
use crate::view;

pub use crate::intent::RENEW_AHEAD;

/// What is around a renewal, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Renewing {
    /// The order, locked.
    pub order: Order,
    /// The domain before the move.
    pub before: Domain,
    /// The domain's open action, when it has one.
    pub open_action: Option<Action>,
    /// What names cost the partner.
    pub book: PriceBook,
}

/// The run that renews a name in time, and the task that waits for it; nothing for names that are not
/// bought.
#[must_use]
pub(crate) fn plan_renewal(domain: &Domain, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    let Some(expires_at) = domain.expires_at else { return change };
    let run = Run::new(ids.next(), RunKind::Renew, domain, now);
    let due_at = now.due(expires_at.plus(-RENEW_AHEAD));
    change.tasks.push(Task::for_run(ids.next(), &run.id, &run.partner, &run.world, due_at));
    change.runs.insert.push(run);
    change
}

/// Decides everything that follows from the move beyond the run and its domain.
#[must_use]
pub fn renew(facts: &Renewing, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut order = facts.order.clone();
    let mut change = Change::default();
    let question = question(facts, moved, now, ids);
    if let Some(data) = question.told(&moved.domain) {
        let domain = Some(moved.domain.id.clone());
        change.events.push(Event::of_order(&mut order, EventKind::DomainActionRequired, domain, data, now, ids));
    }
    change.actions = question.actions;
    if let Some(year) = renewed(facts, moved).filter(|_| moved.next == Next::Finished) {
        change.lines.push(line(&order, &facts.before, year, now, ids));
        let (data, domain) = (view::text(&view::Domain::of(&moved.domain)), Some(moved.domain.id.clone()));
        change.events.push(Event::of_order(&mut order, EventKind::DomainRenewed, domain, data, now, ids));
        change.append(plan_renewal(&moved.domain, now, ids));
    }
    if order != facts.order {
        change.orders.update.push(order);
    }
    change
}

/// The question about a price names the price: another price is another question.
fn question(facts: &Renewing, moved: &Moved, now: Now, ids: &Ids) -> Question {
    let open = facts.open_action.as_ref();
    let Some(words) = dearer(facts, moved) else {
        return question::follow_own(&[ActionType::Registration], open, moved, now, ids);
    };
    let is_other = |action: &&Action| action.reason == ActionReason::PriceChanged && action.message != words;
    let mut question = match open.filter(is_other) {
        Some(action) => question::follow_anew(action, moved, now, ids),
        None => question::follow_own(&[ActionType::Registration], open, moved, now, ids),
    };
    for action in &mut question.actions.insert {
        action.message.clone_from(&words);
    }
    question
}

/// What is asked about a price that is higher than was agreed; `None` when something else is asked, or nothing.
fn dearer(facts: &Renewing, moved: &Moved) -> Option<String> {
    let asks = moved.ask.is_some_and(|(reason, _)| reason == ActionReason::PriceChanged);
    let price = facts.book.name(moved.run.memory.renewal_cents.filter(|_| asks)?);
    let expires_at = moved.domain.expires_at.map(|at| format!(" on {}", at.date())).unwrap_or_default();
    Some(format!(
        "Another year of {} costs {} now, more than the {} that were agreed. Send `max_total_cents` of {price} or more to have it renewed at that price; otherwise cancel the domain, and its registration ends{expires_at}.",
        moved.domain.name,
        dollars(price),
        dollars(moved.domain.renewal_price_cents),
    ))
}

/// How many years a term has, at least one. Registries count in calendar years.
fn years(term: PaidFor) -> i64 {
    let days = (term.end.0 - term.start.0) / DAY;
    ((days + 182) / 365).max(1)
}

/// The time by which a name runs out later than before.
fn renewed(facts: &Renewing, moved: &Moved) -> Option<PaidFor> {
    let (start, end) = facts.before.expires_at.zip(moved.domain.expires_at)?;
    (end > start).then_some(PaidFor { start, end })
}

/// The key is the day that the paid term begins on: a term is booked once, by its years.
pub(super) fn line(order: &Order, domain: &Domain, year: PaidFor, now: Now, ids: &Ids) -> Line {
    let price = domain.renewal_price_cents.saturating_mul(years(year));
    let once = Charge::once(LineKind::DomainRenewal, price);
    let charge = Charge { period: year.start.date(), paid_for: Some(year), ..once };
    Line::of(order, &domain.id, charge, now, ids)
}
