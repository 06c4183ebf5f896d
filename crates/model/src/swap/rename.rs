//! Asking for other names on a domain's inboxes.

use super::begin::{busy, created, refuse_unfit, swap_row};
use super::{Swap, SwapKind};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::Domain;
use crate::id::Ids;
use crate::inbox::{Inbox, InboxStatus, plan_anew};
use crate::order::Order;
use crate::persona::Persona;
use crate::refusal::{Code, Fault, Refusal};
use crate::run::{Memory, Run, RunKind};

/// What is known when it is asked for.
#[derive(Clone, Debug)]
pub struct Renaming {
    /// The domain's order, locked.
    pub order: Order,
    /// The domain.
    pub domain: Domain,
    /// Its inboxes that are not deleted, in the order they were made.
    pub inboxes: Vec<Inbox>,
    /// The open swap that replaces the domain, when there is one.
    pub replacing: Option<Swap>,
    /// The swaps of a renaming that is not done, those included that are; empty when there is none.
    pub open: Vec<Swap>,
}

/// Inboxes whose renaming was asked for.
#[derive(Debug)]
pub struct Renamed {
    /// Everything to write; nothing when it was asked for before.
    pub change: Change,
    /// A swap for each inbox.
    pub swaps: Vec<Swap>,
    /// Whether they are open already, for the same names.
    pub repeated: bool,
}

/// Decides a renaming: personas take turns over the inboxes, and an address changes only when the one that is
/// made of the new name differs.
///
/// # Errors
/// `conflict`; nothing is to be written then.
pub fn rename(facts: &Renaming, personas: &[Persona], now: Now, ids: &Ids) -> Result<Renamed, Refusal> {
    if let Some(open) = facts.open.first() {
        return repeat(facts, open, personas);
    }
    refuse_unfit(&facts.order, &facts.domain)?;
    if let Some(replacing) = &facts.replacing {
        return Err(busy(replacing, "replaces it"));
    }
    let is_active = |inbox: &Inbox| inbox.status == InboxStatus::Active;
    if !facts.inboxes.iter().any(is_active) {
        let message = format!("{} has no active inbox that could be renamed.", facts.domain.name);
        return Err(Fault::new(Code::Conflict, message).at("domain_id").with("reason", "no_inboxes").into());
    }
    let current: Vec<_> = facts.inboxes.iter().map(|inbox| inbox.email.as_str()).collect();
    let planned = plan_anew(&facts.domain.name, personas, &current, facts.domain.persona_offset);
    let mut order = facts.order.clone();
    let (mut change, mut swaps) = (Change::default(), vec![]);
    for (inbox, planned) in facts.inboxes.iter().zip(planned).filter(|(inbox, _)| is_active(inbox)) {
        let swap = Swap {
            inbox: Some(inbox.id.clone()),
            persona: personas.get(planned.persona).cloned(),
            ..swap_row(&order, &facts.domain, SwapKind::UserNames, now, ids)
        };
        let memory = Memory {
            address: Some(planned.email),
            old_address: Some(inbox.email.clone()),
            persona: Some(planned.persona),
            ..Memory::default()
        };
        let run = Run { memory, ..Run::new(ids.next(), RunKind::Rename, &facts.domain, now).part_of(&swap.id) };
        change.append(created(&mut order, &swap, now, ids));
        change.begin(run, now.server, ids);
        swaps.push(swap);
    }
    change.orders.update.push(order);
    change.domains.update.push(Domain { personas: Some(personas.to_vec()), ..facts.domain.clone() });
    Ok(Renamed { change, swaps, repeated: false })
}

fn repeat(facts: &Renaming, open: &Swap, personas: &[Persona]) -> Result<Renamed, Refusal> {
    if facts.domain.personas.as_deref() == Some(personas) {
        return Ok(Renamed { change: Change::default(), swaps: facts.open.clone(), repeated: true });
    }
    Err(busy(open, "renames its inboxes"))
}
