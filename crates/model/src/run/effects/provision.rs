//! What a domain's change of class means for its order: events, actions, credits.

use super::follow_swap::{Following, Swapping, follow_swap};
use super::inventory::to_inventory;
use super::question;
use super::renew::plan_renewal;
use super::sign::plan_signing;
use super::watch::plan_watch;
use crate::action::Action;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Class, Domain, DomainStatus};
use crate::event::{Event, EventKind};
use crate::evidence::{Evidence, Which};
use crate::id::{DomainId, Ids};
use crate::inbox::{Inbox, InboxStatus};
use crate::ledger::{Line, LineKind};
use crate::order::{Order, await_period};
use crate::run::{Moved, Run};
use crate::view;

/// The order around a domain that moved, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Provisioning {
    /// The order, locked.
    pub order: Order,
    /// The domain's open action, when it has one.
    pub open_action: Option<Action>,
    /// The lines of the domain, and of the one that it replaces.
    pub lines: Vec<Line>,
    /// The domain's inboxes; needed when the domain failed.
    pub inboxes: Vec<Inbox>,
    /// The swap that it came by, when it takes another's place.
    pub swapping: Option<Swapping>,
}

/// Decides everything that follows from the move beyond the run, its domain and what the order is called.
#[must_use]
pub fn provision(facts: &Provisioning, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut effects = Effects { order: moved.with_key(&facts.order), change: Change::default(), now, ids };
    effects.tell_links(moved);
    effects.ask(facts, moved);
    let changed = moved.was.class() != moved.domain.status.class();
    match moved.domain.status.class() {
        Class::Active if changed => effects.connect(moved),
        Class::GivenUp if changed => effects.give_up(facts, moved),
        // What is bought and cancelled is paid for until the period ends.
        Class::Gone if moved.stopped && moved.domain.status == DomainStatus::Released => {
            effects.give_up(facts, moved);
        }
        _ => {}
    }
    effects.follow_swap(facts, moved);
    let mut change = effects.change;
    if effects.order != facts.order {
        change.orders.update.push(effects.order);
    }
    change
}

struct Effects<'a> {
    order: Order,
    change: Change,
    now: Now,
    ids: &'a Ids,
}

impl Effects<'_> {
    fn ask(&mut self, facts: &Provisioning, moved: &Moved) {
        let question = question::follow(facts.open_action.as_ref(), moved, self.now, self.ids);
        if let Some(data) = question.told(&moved.domain) {
            self.tell(EventKind::DomainActionRequired, Some(moved.domain.id.clone()), data);
        }
        self.change.actions = question.actions;
    }

    fn tell_links(&mut self, moved: &Moved) {
        for inbox in moved.linked() {
            let data = view::text(&view::Inbox::of(inbox));
            self.tell(EventKind::InboxLinked, Some(inbox.domain.clone()), data);
        }
    }

    /// A domain that works is looked after, and renewed at the registrar and with its order.
    fn connect(&mut self, moved: &Moved) {
        let domain = &moved.domain;
        let connected = |look: &Evidence| Evidence { which: Which::Connected, ..look.clone() };
        self.change.evidence.extend(moved.evidence.as_ref().map(connected));
        self.tell_domain(EventKind::DomainConnected, domain);
        self.change.append(plan_renewal(domain, self.now, self.ids));
        if moved.run.memory.is_signed_later {
            self.change.append(plan_signing(&moved.run, domain, self.now, self.ids));
        }
        self.change.append(plan_watch(&moved.run, domain, self.now, self.ids));
        self.change.append(await_period(&mut self.order, self.now, self.ids));
    }

    fn follow_swap(&mut self, facts: &Provisioning, moved: &Moved) {
        if let Some(swapping) = &facts.swapping {
            let asked = self.change.actions.insert.first().or(facts.open_action.as_ref()).cloned();
            let facts = Following { swapping, lines: &facts.lines, asked: asked.as_ref() };
            let change = follow_swap(&facts, moved, &mut self.order, self.now, self.ids);
            self.change.append(change);
        }
    }

    /// Credits the part of the order that is not delivered; a name that was bought stays the
    /// partner's, in the inventory.
    fn give_up(&mut self, facts: &Provisioning, moved: &Moved) {
        let failed = &moved.domain;
        let credits: Vec<_> =
            undelivered(failed, &facts.lines).map(|line| line.taken_back(self.now, self.ids)).collect();
        // The total is what was booked at placing: a swap came later.
        if failed.swap.is_none() {
            self.order.total_cents += credits.iter().map(|credit| credit.amount_cents).sum::<i64>();
        }
        self.change.lines.extend(credits);
        // What was cancelled by itself and never bought leaves the order now; the rest at the end of the period. What
        // another took the place of was counted once.
        let cancelled = failed.cancels_at.is_some() && self.order.cancels_at.is_none();
        let given_up = failed.status == DomainStatus::Failed && failed.swap.is_none();
        if cancelled || given_up {
            self.order.domain_count -= 1;
        }
        // Their addresses must be free when the name is ordered again.
        let gone = facts.inboxes.iter().map(|inbox| Inbox { status: InboxStatus::Deleted, ..inbox.clone() });
        self.change.inboxes.update.extend(gone);
        if failed.held {
            self.change.append(to_inventory(failed, self.now, self.ids));
        }
    }

    fn tell_domain(&mut self, kind: EventKind, domain: &Domain) {
        self.tell(kind, Some(domain.id.clone()), view::text(&view::Domain::of(domain)));
    }

    fn tell(&mut self, kind: EventKind, domain: Option<DomainId>, data: String) {
        let event = Event::of_order(&mut self.order, kind, domain, data, self.now, self.ids);
        self.change.events.push(event);
    }
}

/// What was charged for a domain that is not delivered, and not credited yet. A name that was bought is.
fn undelivered<'a>(failed: &'a Domain, lines: &'a [Line]) -> impl Iterator<Item = &'a Line> {
    let taken_back = |line: &Line| lines.iter().any(|credit| credit.reverses.as_ref() == Some(&line.id));
    let charged = lines.iter().filter(|line| line.domain == failed.id && line.amount_cents > 0);
    charged.filter(move |line| {
        let delivered = failed.held && line.kind == LineKind::DomainRegistration;
        !delivered && !taken_back(line)
    })
}

impl Moved {
    /// A domain of the order as it is after the move.
    pub(super) fn current(&self, domain: &Domain) -> Domain {
        if domain.id == self.domain.id { self.domain.clone() } else { domain.clone() }
    }

    /// The rows of the move itself. A failed or released domain no longer holds its name: the inventory does.
    #[must_use]
    pub fn rows(&self, run_before: &Run, domain_before: &Domain) -> Change {
        let mut change = self.inboxes.clone();
        change.evidence.extend(self.evidence.clone());
        if self.run != *run_before {
            change.runs.update.push(self.run.clone());
        }
        let gone = matches!(self.domain.status, DomainStatus::Failed | DomainStatus::Released);
        let domain = Domain { held: self.domain.held && !gone, ..self.domain.clone() };
        if domain != *domain_before {
            change.domains.update.push(domain);
        }
        change
    }
}
