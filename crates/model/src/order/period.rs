//! The end of a paid period: what is paid for again, and what leaves.

use std::collections::HashSet;

use super::{Order, OrderStatus};
use crate::change::Change;
use crate::clock::{MINUTE, Now, Time};
use crate::domain::{Domain, DomainStatus};
use crate::event::{Event, EventKind};
use crate::id::{DomainId, Ids, RunId};
use crate::ledger::{Charge, Line, LineKind, PaidFor, Sum};
use crate::money::PriceBook;
use crate::run::{Run, RunKind, has_ended};
use crate::task::Task;
use crate::view;

/// The task that waits for the end of an order's paid period, unless there is one already.
#[must_use]
pub(crate) fn await_period(order: &mut Order, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    if !std::mem::replace(&mut order.timed, true) {
        let due_at = now.due(order.renews_at);
        change.tasks.push(Task::for_order(ids.next(), &order.id, &order.partner, &order.world, due_at));
    }
    change
}

/// Until when licences that are booked now are paid for: the next time that they are booked.
#[must_use]
pub(crate) fn paid_until(order: &Order, now: Time) -> Time {
    let mut end = order.renews_at;
    // What is booked on the day of a renewal has paid for the month that it begins.
    while end <= now || end.date() == now.date() {
        let next = end.next_month(order.anchor_day);
        if next <= end {
            break;
        }
        end = next;
    }
    end
}

/// What an order's timer finds.
#[derive(Debug)]
pub struct Period {
    /// Everything to write.
    pub change: Change,
    /// When to look again, partner time; `None` when the order has ended.
    pub again_at: Option<Time>,
}

/// What has been booked for an order.
#[derive(Clone, Debug, Default)]
pub struct Booked {
    /// Everything, added up.
    pub sums: Vec<Sum>,
    /// The lines of the period that begins.
    pub period: Vec<Line>,
}

/// Decides what the end of one paid period means, the oldest that is over: domains that are cancelled begin to
/// leave, the others are paid for again. Several that are over are decided one after the other, so that none of
/// them has more to write than one month. `closing` are the runs that see domains off which are kept warm: they
/// do not outlive the order.
#[must_use]
pub fn end_period(
    order: &Order,
    domains: &[Domain],
    booked: Booked,
    closing: &[RunId],
    book: &PriceBook,
    now: Now,
    ids: &Ids,
) -> Period {
    let change = Change::default();
    let mut ending = Ending { order: order.clone(), domains: domains.to_vec(), booked, change, more: false, now, ids };
    if ending.is_over() {
        ending.release_cancelled(ending.order.renews_at);
        if ending.order.cancels_at.is_some_and(|at| at <= ending.order.renews_at) {
            ending.change.make_due.extend(closing.iter().cloned());
            ending.end();
        } else {
            ending.renew(book);
            ending.more = ending.is_over();
        }
    }
    if order.status == OrderStatus::Failed {
        ending.release_cancelled(now.partner());
    }
    ending.finish(order, domains)
}

struct Ending<'a> {
    order: Order,
    domains: Vec<Domain>,
    booked: Booked,
    change: Change,
    /// Whether another period is over.
    more: bool,
    now: Now,
    ids: &'a Ids,
}

impl Ending<'_> {
    fn is_over(&self) -> bool {
        let goes_on = !matches!(self.order.status, OrderStatus::Failed | OrderStatus::Cancelled);
        goes_on && self.order.renews_at <= self.now.partner()
    }

    /// Domains whose time is over begin to leave.
    fn release_cancelled(&mut self, at: Time) {
        for domain in &mut self.domains {
            let over = domain.cancels_at.is_some_and(|cancels| cancels <= at);
            if over && is_gone(domain) {
                // It was never bought, and has left already.
                domain.left_at = domain.cancels_at.take();
            }
            if over && !is_gone(domain) && domain.stop.is_none() {
                let (next, change) = begin_to_leave(domain, self.now, self.now.partner(), self.ids);
                *domain = next;
                self.change.append(change);
                if self.order.cancels_at.is_none() {
                    self.order.domain_count -= 1;
                }
            }
        }
    }

    /// An order of which nothing was ever delivered or left ends at once; the others end with their last domain.
    fn end(&mut self) {
        if has_ended(&self.order, &self.domains, self.now) {
            self.order.status = OrderStatus::Cancelled;
            self.tell(EventKind::OrderCancelled);
        }
    }

    fn renew(&mut self, book: &PriceBook) {
        let paid: HashSet<_> = self.booked.period.iter().map(|line| (&line.domain, line.kind)).collect();
        let lines: Vec<_> = self.domains.iter().filter_map(|domain| self.license(domain, &paid, book)).collect();
        self.order.renews_at = self.order.renews_at.next_month(self.order.anchor_day);
        if !lines.is_empty() {
            self.booked.sums.extend(lines.iter().map(Sum::from));
            self.change.lines.extend(lines);
            self.tell(EventKind::OrderRenewed);
        }
    }

    /// `paid` is what has been booked for the period already.
    fn license(&self, domain: &Domain, paid: &HashSet<(&DomainId, LineKind)>, book: &PriceBook) -> Option<Line> {
        let provider = domain.provider.filter(|_| is_paid_for(domain) && self.had_begun(domain))?;
        let month =
            PaidFor { start: self.order.renews_at, end: self.order.renews_at.next_month(self.order.anchor_day) };
        let charge = Charge::licenses(provider, domain.licenses, book.license(provider), month);
        if paid.contains(&(&domain.id, charge.kind)) {
            // A replacement that was booked on this very day has paid for it.
            return None;
        }
        Some(Line::of(&self.order, &domain.id, charge, self.now, self.ids))
    }

    /// Whether the domain worked when the period began: what is made slowly does not pay for the months before. What
    /// a swap brings stands in the place of another that did.
    fn had_begun(&self, domain: &Domain) -> bool {
        domain.swap.is_some() || domain.connected_at.is_some_and(|at| at <= self.order.renews_at)
    }

    fn tell(&mut self, kind: EventKind) {
        let data = view::text(&view::Order::of_sums(&self.order, &self.domains, &self.booked.sums));
        self.change.events.push(Event::of_order(&mut self.order, kind, None, data, self.now, self.ids));
    }

    /// A domain that is being stopped leaves as soon as its step has looked at what it did.
    fn next_look(&self) -> Option<Time> {
        let is_leaving = |domain: &Domain| domain.cancels_at.is_some() || domain.stop.is_some();
        let leaving = self.domains.iter().any(|domain| is_leaving(domain) && !is_gone(domain));
        let soon = self.now.partner().plus(MINUTE);
        let period_ends = (self.order.renews_at > self.now.partner()).then_some(self.order.renews_at);
        match self.order.status {
            OrderStatus::Cancelled => None,
            OrderStatus::Failed => leaving.then(|| period_ends.unwrap_or(soon)),
            _ => period_ends.or(leaving.then_some(soon)),
        }
    }

    fn finish(mut self, order: &Order, domains: &[Domain]) -> Period {
        let changed = self.domains.iter().zip(domains).filter(|(after, before)| after != before);
        self.change.domains.update.extend(changed.map(|(after, _)| after.clone()));
        let again_at = if self.more { Some(self.now.partner()) } else { self.next_look() };
        self.order.timed = again_at.is_some();
        if self.order != *order {
            self.change.orders.update.push(self.order);
        }
        Period { change: self.change, again_at }
    }
}

/// Whether its licences are paid for month by month: it has worked, and has not begun to leave.
fn is_paid_for(domain: &Domain) -> bool {
    let live = matches!(domain.status, DomainStatus::Active | DomainStatus::ActionRequired);
    live && domain.connected_at.is_some()
}

const fn is_gone(domain: &Domain) -> bool {
    matches!(domain.status, DomainStatus::Released | DomainStatus::Failed | DomainStatus::Available)
}

/// A domain that begins to leave its order, and the run that sees it off from a partner time on.
#[must_use]
pub(crate) fn begin_to_leave(domain: &Domain, now: Now, from: Time, ids: &Ids) -> (Domain, Change) {
    let mut change = Change::default();
    let status = if from > now.partner() { DomainStatus::Retiring } else { DomainStatus::Releasing };
    let run = Run::new(ids.next(), RunKind::Close, domain, now);
    change.begin(run, now.due(from), ids);
    (Domain { status, cancels_at: None, left_at: domain.cancels_at, ..domain.clone() }, change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::order;

    #[test]
    fn what_is_booked_between_two_renewals_is_paid_until_it_is_booked_again() {
        let time = |text: &str| Time::parse(text).unwrap();
        let order = Order { anchor_day: 31, renews_at: time("2026-02-28T12:00:00Z"), ..order() };
        for (booked, until) in [
            ("2026-02-10T09:00:00Z", "2026-02-28T12:00:00Z"),
            // The renewal of that day finds it booked, before and after it.
            ("2026-02-28T09:00:00Z", "2026-03-31T12:00:00Z"),
            ("2026-02-28T13:00:00Z", "2026-03-31T12:00:00Z"),
            // Nothing has worked so far, so that nobody has moved the order on.
            ("2026-04-02T09:00:00Z", "2026-04-30T12:00:00Z"),
        ] {
            assert_eq!(paid_until(&order, time(booked)), time(until), "{booked}");
        }
    }
}
