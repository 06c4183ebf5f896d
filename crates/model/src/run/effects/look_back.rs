//! What was bought too late: the name, or its further year, is the partner's, and is charged as if it had come in time.

use super::inventory::to_inventory;
use super::renew;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Assigned, Domain, DomainStatus, Source};
use crate::id::{Ids, RunId};
use crate::ledger::{Charge, Line, LineKind, PaidFor, once_for};
use crate::order::Order;
use crate::run::{Moved, Next};
use crate::task::Task;

/// What is around a look back, as it stands before the move.
#[derive(Clone, Debug)]
pub struct LookingBack {
    /// The order, locked.
    pub order: Order,
    /// The domain before the move.
    pub before: Domain,
    /// The live domain of the world that has the name, whoever holds it.
    pub holder: Option<Domain>,
    /// The order's lines.
    pub lines: Vec<Line>,
    /// The runs whose looks find out that a name is theirs already: those of an order that wants it.
    pub waiting: Vec<RunId>,
}

/// Decides everything that follows from the move beyond the run and its domain.
#[must_use]
pub fn look_back(facts: &LookingBack, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let (before, after) = (facts.before.expires_at, moved.domain.expires_at);
    match (before, after) {
        _ if moved.next != Next::Finished => Change::default(),
        (None, Some(_)) => bought(facts, moved, now, ids),
        (Some(start), Some(end)) if end > start => renewed(facts, moved, PaidFor { start, end }, now, ids),
        _ => Change::default(),
    }
}

/// Whoever waits for the name has it now, and pays for it. Otherwise the partner whose order bought it.
fn bought(facts: &LookingBack, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    match &facts.holder {
        Some(holder) if holder.held || holder.source != Source::Registrar => {}
        Some(holder) => {
            let expires_at = moved.domain.expires_at;
            // It lies where it was bought, whatever the holder was given meanwhile.
            let registrar = moved.domain.accounts.registrar.clone().or(holder.accounts.registrar.clone());
            let accounts = Assigned { registrar, ..holder.accounts.clone() };
            change.domains.update.push(Domain { held: true, expires_at, accounts, ..holder.clone() });
            change.make_due.extend(facts.waiting.iter().cloned());
        }
        None => {
            let mut order = facts.order.clone();
            change.append(to_inventory(&moved.domain, now, ids));
            change.lines.push(registration(&order, moved, now, ids));
            // The total is what was booked at placing less its credits: this part of the credit is taken back.
            if moved.domain.swap.is_none() {
                order.total_cents += moved.domain.price_cents;
                change.orders.update.push(order);
            }
        }
    }
    change
}

fn registration(order: &Order, moved: &Moved, now: Now, ids: &Ids) -> Line {
    let once = Charge::once(LineKind::DomainRegistration, moved.domain.price_cents);
    let charge = Charge { period: once_for(&moved.run.id), ..once };
    Line::of(order, &moved.domain.id, charge, now, ids)
}

/// A year that nobody booked; the name may have left its order meanwhile, and runs on in the inventory.
fn renewed(facts: &LookingBack, moved: &Moved, year: PaidFor, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    let line = renew::line(&facts.order, &facts.before, year, now, ids);
    let booked = |one: &Line| (one.kind, &one.period, &one.domain) == (line.kind, &line.period, &line.domain);
    if !facts.lines.iter().any(booked) {
        change.lines.push(line);
    }
    let kept = facts.holder.iter().find(|one| one.id != facts.before.id && one.status == DomainStatus::Available);
    if let (Some(kept), Some(expires_at)) = (kept, moved.domain.expires_at) {
        change.domains.update.push(Domain { expires_at: Some(expires_at), ..kept.clone() });
        change.tasks.push(Task::for_expiry(ids.next(), &kept.id, &kept.partner, &kept.world, now.due(expires_at)));
    }
    change
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{DAY, Time};
    use crate::id::Id;
    use crate::run::tests::{NOW, domain, ids, order, tried};
    use crate::run::{Learnt, Outcome, Policy, Run, RunKind, advance};

    const EXPIRY: Time = Time(365 * DAY);

    fn facts(before: Domain, holder: Option<Domain>) -> LookingBack {
        LookingBack { order: order(), before, holder, lines: vec![], waiting: vec![RunId::opaque("run_9")] }
    }

    fn found(before: &Domain) -> Moved {
        let run = Run::new(RunId::opaque("run_2"), RunKind::LookBack, before, NOW);
        let outcome = Outcome::done(Learnt::bought(EXPIRY));
        advance(&tried(&run, before, &outcome, NOW), &ids(), &Policy::default())
    }

    #[test]
    fn a_name_that_was_bought_too_late_goes_to_the_inventory_and_is_charged_once() {
        let gone = domain(DomainStatus::Released, false);
        let moved = found(&gone);
        let change = look_back(&facts(gone.clone(), None), &moved, NOW, &ids());
        let kept = &change.domains.insert[0];
        assert_eq!((kept.status, kept.held, kept.expires_at), (DomainStatus::Available, true, Some(EXPIRY)));
        assert_eq!(change.lines[0].amount_cents, 1300);
        assert_eq!(change.orders.update[0].total_cents, order().total_cents + 1300);
        let row = &moved.rows(&moved.run, &gone).domains.update[0];
        assert!(!row.held && row.status == DomainStatus::Released, "the old row stays as history");
        let again = look_back(&facts(row.clone(), Some(kept.clone())), &found(row), NOW, &ids());
        assert_eq!(again, Change::default(), "it is known");
    }

    #[test]
    fn another_order_that_wants_the_name_has_it_and_pays_for_it() {
        let gone = domain(DomainStatus::Failed, false);
        let wants = Domain { id: Id::opaque("dom_2"), ..domain(DomainStatus::Registering, false) };
        let change = look_back(&facts(gone.clone(), Some(wants)), &found(&gone), NOW, &ids());
        assert_eq!((change.domains.update[0].held, change.lines.len()), (true, 0));
        assert_eq!(change.make_due, [RunId::opaque("run_9")]);
    }

    #[test]
    fn a_year_that_was_bought_too_late_is_booked_once() {
        let expires_at = Some(Time(10 * DAY));
        let works = Domain { expires_at, ..domain(DomainStatus::Active, true) };
        let mut facts = facts(works.clone(), Some(works.clone()));
        let change = look_back(&facts, &found(&works), NOW, &ids());
        let [line] = &change.lines[..] else { panic!("{change:?}") };
        assert_eq!((line.kind, line.amount_cents), (LineKind::DomainRenewal, 1500));
        facts.lines.push(line.clone());
        assert!(look_back(&facts, &found(&works), NOW, &ids()).lines.is_empty());
    }
}
