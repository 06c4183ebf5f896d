//! Another name in the place of a domain that an order cannot have.

use super::booking::{charged, domain_of, keep};
use super::period::paid_until;
use super::{NameRow, Order, Rules, Tariff};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::Domain;
use crate::id::Ids;
use crate::ledger::PaidFor;
use crate::run::{Run, RunKind};

/// Books the name in the old domain's place, with its provider, licences and people, and begins to make it.
#[must_use]
pub(crate) fn book_replacement(
    order: &Order,
    old: &Domain,
    row: &NameRow,
    rules: &Rules,
    now: Now,
    ids: &Ids,
) -> Change {
    let mut change = Change::default();
    let domain = in_place_of(order, old, row, rules, now, ids);
    let rest = PaidFor { start: now.partner(), end: paid_until(order, now.partner()) };
    let lines = charged(order, &domain, &Tariff::today(rules.book), rest, now, ids);
    let total: i64 = lines.iter().map(|line| line.amount_cents).sum();
    change.orders.update.push(Order { total_cents: order.total_cents + total, ..order.clone() });
    change.lines.extend(lines);
    let run = Run::new(ids.next(), RunKind::Provision, &domain, now);
    change.begin(run, now.server, ids);
    keep(row, domain, &mut change);
    change
}

/// The domain that takes another's place in its order.
#[must_use]
pub(crate) fn in_place_of(order: &Order, old: &Domain, row: &NameRow, rules: &Rules, now: Now, ids: &Ids) -> Domain {
    Domain {
        position: old.position,
        provider: old.provider,
        licenses: old.licenses,
        inboxes_planned: old.inboxes_planned,
        persona_offset: old.persona_offset,
        personas: old.personas.clone(),
        forwarding_url: old.forwarding_url.clone(),
        ..domain_of(order, row, &Tariff::today(rules.book), now, ids)
    }
}
