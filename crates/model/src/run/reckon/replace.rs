//! Getting hold of the name that takes another's place.

use crate::action::ActionReason;
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Class, Domain, DomainName, DomainStatus, MailProvider, NameAnswer, Source, Verdict};
use crate::id::Ids;
use crate::ledger::{Line, LineKind, ONCE};
use crate::money::PriceBook;
use crate::order::{Order, OrderStatus};
use crate::run::{Moved, Outcome, Run, RunKind, RunState, Then};
use crate::swap::{Swap, SwapStatus, call_off, tell};
use crate::task::Task;
use crate::world::Scope;

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
    /// The order's lines.
    pub lines: Vec<Line>,
}

impl Replacing {
    /// What a look comes to once our own rows are seen: only they say whether the name is free here, and whether
    /// it is still wanted.
    #[must_use]
    pub fn weigh(&self, outcome: &Outcome) -> Outcome {
        if outcome.then != Then::Done {
            return outcome.clone();
        }
        if !self.is_wanted() {
            return Outcome::then(Then::Fail { words: "The domain leaves its order; nothing takes its place.".into() });
        }
        match self.found(answer(outcome)) {
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

    /// Where the name can be had; `None` when it cannot, or not for this domain's provider.
    fn found<'a>(&'a self, answer: Option<&'a NameAnswer>) -> Option<Found<'a>> {
        let name = self.swap.replacement_name.as_ref()?;
        if let Some(holder) = &self.holder {
            let free = holder.order.is_none() && holder.status == DomainStatus::Available;
            let ours = holder.partner == self.order.partner;
            return (free && ours && self.suits(&holder.usable_for)).then_some(Found::Inventory(holder));
        }
        match &answer.filter(|answer| answer.name == *name)?.verdict {
            Verdict::Buyable { price_cents, renewal_price_cents, usable_for } if self.suits(usable_for) => {
                Some(Found::Shop { name, cost: *price_cents, renewal: *renewal_price_cents, usable_for })
            }
            _ => None,
        }
    }

    fn suits(&self, usable_for: &[MailProvider]) -> bool {
        self.domain.provider.is_some_and(|provider| usable_for.contains(&provider))
    }
}

enum Found<'a> {
    Inventory(&'a Domain),
    Shop { name: &'a DomainName, cost: i64, renewal: i64, usable_for: &'a [MailProvider] },
}

fn answer(outcome: &Outcome) -> Option<&NameAnswer> {
    match &outcome.learnt {
        crate::run::Learnt::Buyable(answer) => Some(answer),
        _ => None,
    }
}

/// Decides everything that follows from the move beyond the run. `outcome` is what the registrar said.
#[must_use]
pub fn replace(around: &Replacing, moved: &Moved, outcome: &Outcome, book: &PriceBook, now: Now, ids: &Ids) -> Change {
    let (mut order, swap) = (around.order.clone(), &around.swap);
    let mut change = match moved.run.state {
        RunState::Done => take(around, &mut order, outcome, book, now, ids),
        RunState::Failed if swap.status.is_open() => call_off(&mut order, swap, &around.lines, now, ids),
        RunState::Asking if swap.status == SwapStatus::Created => {
            tell(&mut order, swap.at(SwapStatus::ActionRequired, now), now, ids)
        }
        _ => Change::default(),
    };
    if order != around.order {
        change.orders.update.push(order);
    }
    change
}

/// The replacement comes into the order, and its making begins.
fn take(around: &Replacing, order: &mut Order, outcome: &Outcome, book: &PriceBook, now: Now, ids: &Ids) -> Change {
    let Some(found) = around.found(answer(outcome)) else { return Change::default() };
    let mut change = Change::default();
    let domain = match found {
        Found::Inventory(domain) => in_place_of(&around.domain, domain.clone(), &around.swap),
        Found::Shop { name, cost, renewal, usable_for } => {
            let scope = Scope { partner: order.partner.clone(), world: order.world.clone() };
            let new = Domain::new(ids.next(), &scope, name.clone(), Source::Registrar, now.partner());
            let bought = Domain {
                usable_for: usable_for.to_vec(),
                price_cents: cost + book.domain_margin_cents,
                cost_cents: cost,
                renewal_price_cents: renewal + book.domain_margin_cents,
                ..new
            };
            change.lines.push(registration(order, &bought, now, ids));
            in_place_of(&around.domain, bought, &around.swap)
        }
    };
    let run = Run::new(ids.next(), RunKind::Provision, &domain, now).part_of(&around.swap.id);
    change.tasks.push(Task::for_run(ids.next(), &run.id, &run.partner, &run.world, now.server));
    change.runs.insert.push(run);
    let swap = Swap { replacement: Some(domain.id.clone()), ..around.swap.at(SwapStatus::InProgress, now) };
    change.append(tell(order, swap, now, ids));
    let rows = if around.holder.is_some() { &mut change.domains.update } else { &mut change.domains.insert };
    rows.push(domain);
    change
}

/// It carries what the old domain carried, and as many inboxes under the same people's names.
fn in_place_of(old: &Domain, base: Domain, swap: &Swap) -> Domain {
    Domain {
        status: DomainStatus::Pending,
        order: old.order.clone(),
        position: old.position,
        user: old.user.clone(),
        provider: old.provider,
        licenses: old.licenses,
        inboxes_planned: old.inboxes_planned,
        inboxes_made: 0,
        persona_offset: old.persona_offset,
        personas: old.personas.clone(),
        forwarding_url: old.forwarding_url.clone(),
        dns: None,
        connected_at: None,
        cancels_at: None,
        stop: None,
        swap: Some(swap.id.clone()),
        ..base
    }
}

fn registration(order: &Order, domain: &Domain, now: Now, ids: &Ids) -> Line {
    Line {
        id: ids.next(),
        partner: order.partner.clone(),
        world: order.world.clone(),
        order: order.id.clone(),
        domain: domain.id.clone(),
        kind: LineKind::DomainRegistration,
        period: ONCE.into(),
        quantity: 1,
        unit_cents: domain.price_cents,
        amount_cents: domain.price_cents,
        created_at: now.partner(),
    }
}
