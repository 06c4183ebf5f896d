//! Getting hold of the name that takes another's place.

use std::slice;

use super::follow_swap::wait_for;
use crate::action::ActionReason;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Class, Domain, MailProvider};
use crate::id::Ids;
use crate::ledger::{Charge, Line, LineKind};
use crate::money::PriceBook;
use crate::order::{NameRow, Order, OrderStatus, Rules, Tariff, in_place_of};
use crate::run::{Learnt, Moved, Outcome, Run, RunKind, RunState, Then};
use crate::spend::{self, Allowance};
use crate::swap::{Swap, SwapEnd, SwapReason, SwapStatus, call_off, source, suits, tell};
use crate::task::Task;

/// What is around a domain whose replacement is looked for.
#[derive(Clone, Debug)]
pub struct Replacing {
    /// The order, locked.
    pub order: Order,
    /// The swap.
    pub swap: Swap,
    /// The domain that is replaced.
    pub domain: Domain,
    /// The live domain of the world that has the wanted name, whoever holds it.
    pub holder: Option<Domain>,
    /// The lines of the domain that is replaced.
    pub lines: Vec<Line>,
}

impl Replacing {
    /// What a look comes to once our own rows are seen: only they say whether the name is free here, whether it is
    /// still wanted, and whether its price fits under the spend limits (`allowances`, locked) now that it is booked.
    #[must_use]
    pub fn evaluate(&self, outcome: &Outcome, allowances: &[Allowance], book: PriceBook, now: Now) -> Outcome {
        if outcome.then != Then::Done {
            return outcome.clone();
        }
        if !self.is_wanted() {
            return Outcome::then(Then::Fail { words: "The domain leaves its order; nothing takes its place.".into() });
        }
        match self.found(outcome) {
            Some(row) if !suits(&self.domain, &row) => {
                let provider = self.domain.provider.map_or("", MailProvider::as_str);
                let words = format!("{} cannot be used for {provider}. Choose a name that can.", row.wanted.name);
                Outcome { learnt: outcome.learnt.clone(), then: Then::Fail { words } }
            }
            Some(row) if !spend::faults(allowances, Tariff::today(book).name(&row), now.partner()).is_empty() => {
                Outcome::then(Then::Ask { reason: ActionReason::PriceChanged, persona: None })
            }
            Some(_) => outcome.clone(),
            None => Outcome::then(Then::Ask { reason: ActionReason::NameTaken, persona: None }),
        }
    }

    fn is_wanted(&self) -> bool {
        let order_goes_on =
            !matches!(self.order.status, OrderStatus::Failed | OrderStatus::CancelScheduled | OrderStatus::Cancelled);
        let works = matches!(self.domain.status.class(), Class::Active | Class::Asking);
        self.swap.status.is_open() && order_goes_on && works
    }

    /// Why nothing takes the domain's place.
    fn end(&self, outcome: &Outcome) -> SwapEnd {
        match self.found(outcome) {
            _ if !self.is_wanted() => SwapEnd::DomainLeaves,
            Some(row) if !suits(&self.domain, &row) => SwapEnd::ReplacementUnsuitable,
            _ => SwapEnd::ReplacementFailed,
        }
    }

    /// Nobody is asked: it is looked at again and again.
    fn wait(&self, order: &mut Order, moved: &Moved, now: Now, ids: &Ids) -> Change {
        match moved.ask {
            Some((reason, _)) => wait_for(&self.swap, SwapReason::Waits(reason), None, order, now, ids),
            None => Change::default(),
        }
    }

    /// Where the name can be had; `None` when it cannot.
    fn found(&self, outcome: &Outcome) -> Option<NameRow> {
        let answers = match &outcome.learnt {
            Learnt::Buyable(answer) => slice::from_ref(answer),
            _ => &[],
        };
        source(&self.order, &self.domain, self.swap.replacement_name.as_ref()?, self.holder.as_ref(), answers)
    }
}

/// Decides everything that follows from the move beyond the run. `outcome` is what the registrar said.
#[must_use]
pub fn replace(facts: &Replacing, moved: &Moved, outcome: &Outcome, rules: &Rules, now: Now, ids: &Ids) -> Change {
    let (mut order, swap) = (facts.order.clone(), &facts.swap);
    let mut change = match moved.run.state {
        RunState::Done => take(facts, &mut order, outcome, rules, now, ids),
        RunState::Failed if swap.status.is_open() => {
            call_off(&mut order, swap, facts.end(outcome), &facts.lines, now, ids)
        }
        RunState::Asking if swap.status.is_open() => facts.wait(&mut order, moved, now, ids),
        _ => Change::default(),
    };
    if order != facts.order {
        change.orders.update.push(order);
    }
    change
}

/// The replacement comes into the order, and its making begins.
fn take(facts: &Replacing, order: &mut Order, outcome: &Outcome, rules: &Rules, now: Now, ids: &Ids) -> Change {
    let Some(row) = facts.found(outcome) else { return Change::default() };
    let mut change = Change::default();
    let domain = in_place_of(order, &facts.domain, &row, rules, now, ids);
    let domain = Domain { swap: Some(facts.swap.id.clone()), ..domain };
    if row.inventory.is_none() {
        let registration = Charge::once(LineKind::DomainRegistration, domain.price_cents);
        change.lines.push(Line::of(order, &domain.id, registration, now, ids));
    }
    let run = Run::new(ids.next(), RunKind::Provision, &domain, now).part_of(&facts.swap.id);
    change.tasks.push(Task::for_run(ids.next(), &run.id, &run.partner, &run.world, now.server));
    change.runs.insert.push(run);
    let swap = Swap { replacement: Some(domain.id.clone()), ..facts.swap.at(SwapStatus::InProgress, now) };
    change.append(tell(order, swap, now, ids));
    let rows = if row.inventory.is_some() { &mut change.domains.update } else { &mut change.domains.insert };
    rows.push(domain);
    change
}
