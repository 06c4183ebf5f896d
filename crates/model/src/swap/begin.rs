//! Asking for another name in the place of a domain.

use super::{Premium, Swap, SwapKind, SwapStatus, source, suits};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Domain, DomainName, DomainRef, DomainStatus, NameAnswer, NameFault};
use crate::id::Ids;
use crate::ledger::{Charge, Line, LineKind, once_for};
use crate::money::{Cents, PriceBook};
use crate::order::{Order, OrderStatus, Tariff};
use crate::refusal::{Code, Fault, Refusal};
use crate::run::{Run, RunKind};
use crate::spend::{self, Allowance};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Standard or premium.
    pub kind: SwapKind,
    /// The domain that is to be replaced.
    pub domain: DomainRef,
    /// The name that is to take its place.
    pub replacement: DomainName,
}

/// What is known when it is asked for.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The domain's order, locked.
    pub order: Order,
    /// The domain.
    pub domain: Domain,
    /// The open swap that replaces it, when there is one.
    pub open: Option<Swap>,
    /// An open swap that renames an inbox of it, when there is one.
    pub renaming: Option<Swap>,
    /// The live domain of the world that has the wanted name, whoever holds it.
    pub holder: Option<Domain>,
    /// Counted when a premium swap is asked for.
    pub premium: Option<Premium>,
    /// What the registrar says about the wanted name; asked when somebody's spending is limited.
    pub answers: Vec<NameAnswer>,
    /// How far the limits are used that the swap counts against.
    pub allowances: Vec<Allowance>,
}

/// A swap that was asked for.
#[derive(Debug)]
pub struct Begun {
    /// Everything to write; nothing when it was asked for before.
    pub change: Change,
    /// The swap.
    pub swap: Swap,
    /// Whether it is open already, for the same wish.
    pub repeated: bool,
}

/// Decides a swap. Whether the wanted name can be had is found out by its run, which waits until it can.
///
/// # Errors
/// `conflict`, `quota_exceeded` and `spend_limit_exceeded`; nothing is to be written then.
pub fn begin(facts: &Facts, wish: &Wish, book: &PriceBook, now: Now, ids: &Ids) -> Result<Begun, Refusal> {
    if let Some(open) = &facts.open {
        return repeat(open, wish);
    }
    refuse_unfit(&facts.order, &facts.domain)?;
    if let Some(renaming) = &facts.renaming {
        return Err(busy(renaming, "renames its inboxes"));
    }
    check_replacement(facts, wish)?;
    if let Some(premium) = &facts.premium {
        premium.check(&facts.domain, now.partner())?;
    }
    let cost = book.swap_cents + name_price(facts, wish, book);
    Refusal::unless_empty(spend::faults(&facts.allowances, cost, now.partner()))?;
    let mut order = facts.order.clone();
    let swap = swap_row(&order, &facts.domain, wish.kind, now, ids);
    let swap = Swap { replacement_name: Some(wish.replacement.clone()), ..swap };
    let mut change = Change::default();
    change.lines.push(line(&order, &swap, book, now, ids));
    change.append(created(&mut order, &swap, now, ids));
    change.begin(Run::new(ids.next(), RunKind::Replace, &facts.domain, now).part_of(&swap.id), now.server, ids);
    change.orders.update.push(order);
    Ok(Begun { change, swap, repeated: false })
}

/// What the name costs if it can be bought now. It is booked when that is done; one that cannot be had yet is held
/// against the limits then.
fn name_price(facts: &Facts, wish: &Wish, book: &PriceBook) -> Cents {
    let row = source(&facts.order, &facts.domain, &wish.replacement, facts.holder.as_ref(), &facts.answers)
        .filter(|row| suits(&facts.domain, row));
    row.map_or(0, |row| Tariff::today(*book).name(&row))
}

fn repeat(open: &Swap, wish: &Wish) -> Result<Begun, Refusal> {
    if open.kind == wish.kind && open.replacement_name.as_ref() == Some(&wish.replacement) {
        return Ok(Begun { change: Change::default(), swap: open.clone(), repeated: true });
    }
    Err(busy(open, "replaces it"))
}

/// A domain that another swap works on.
pub(super) fn busy(open: &Swap, does: &str) -> Refusal {
    let message = format!("Swap {} of this domain is open and {does}. Wait until it has ended, or cancel it.", open.id);
    let fault = Fault::new(Code::Conflict, message).at("domain_id").with("reason", "swap_open");
    fault.with("swap_id", open.id.to_string()).into()
}

/// Only a domain that works, in an order that goes on, is swapped.
pub(super) fn refuse_unfit(order: &Order, domain: &Domain) -> Result<(), Refusal> {
    let (reason, what) = match order.status {
        OrderStatus::Failed => ("order_failed", "has failed"),
        OrderStatus::Cancelled => ("order_cancelled", "has ended"),
        OrderStatus::CancelScheduled => ("order_cancel_scheduled", "is cancelled to the end of its paid period"),
        _ if domain.status != DomainStatus::Active => return Err(not_in_use(domain)),
        _ if domain.cancels_at.is_some() => {
            let message = format!("{} is cancelled to the end of the paid period. Undo that first.", domain.name);
            return Err(refused("cancel_scheduled", message));
        }
        _ => return Ok(()),
    };
    Err(refused(reason, format!("Order {} {what}; its domains cannot be swapped.", order.id)))
}

/// The refusal of a domain that is not active.
#[must_use]
pub fn not_in_use(domain: &Domain) -> Refusal {
    let status = domain.status.as_str();
    let message = format!("{} is {status}. Only an active domain can be swapped.", domain.name);
    Fault::new(Code::Conflict, message).at("domain_id").with("reason", "not_active").with("status", status).into()
}

fn refused(reason: &str, message: String) -> Refusal {
    Fault::new(Code::Conflict, message).at("domain_id").with("reason", reason).into()
}

fn check_replacement(facts: &Facts, wish: &Wish) -> Result<(), Refusal> {
    let name = &wish.replacement;
    let refused = |reason: &str, message| Fault::new(Code::Conflict, message).at(REPLACEMENT).with("reason", reason);
    if facts.domain.name == *name {
        return Err(refused("same_domain", format!("{name} is the domain itself. Send another name.")).into());
    }
    if facts.holder.is_none() && !name.is_sold() {
        return Err(Fault::invalid(REPLACEMENT, format!("{name} {}.", NameFault::NotSold.sentence())).into());
    }
    let ours = facts.holder.as_ref().filter(|holder| holder.partner == facts.order.partner);
    match ours.and_then(|holder| holder.order.as_ref()) {
        None => Ok(()),
        Some(order) => {
            let message = format!("{name} is in order {order} of yours already. Send another name.");
            Err(refused("in_your_order", message).with("order_id", order.to_string()).into())
        }
    }
}

const REPLACEMENT: &str = "replacement_domain";

/// A swap of a domain that was just asked for.
pub(super) fn swap_row(order: &Order, domain: &Domain, kind: SwapKind, now: Now, ids: &Ids) -> Swap {
    Swap {
        id: ids.next(),
        partner: order.partner.clone(),
        world: order.world.clone(),
        kind,
        order: order.id.clone(),
        user: domain.user.clone().unwrap_or_else(|| order.user.clone()),
        domain: domain.id.clone(),
        replacement_name: None,
        replacement: None,
        inbox: None,
        persona: None,
        status: SwapStatus::Created,
        reason: None,
        created_at: now.partner(),
        finished_at: None,
        version: 1,
    }
}

/// A new swap, told.
pub(super) fn created(order: &mut Order, swap: &Swap, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    change.events.push(swap.event(order, None, now, ids));
    change.swaps.insert.push(swap.clone());
    change
}

/// Booked also while swaps are free: the ledger says what there was.
fn line(order: &Order, swap: &Swap, book: &PriceBook, now: Now, ids: &Ids) -> Line {
    let charge = Charge { period: once_for(&swap.id), ..Charge::once(LineKind::Swap, book.swap_cents) };
    Line::of(order, &swap.domain, charge, now, ids)
}
