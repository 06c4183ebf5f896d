//! Another name in the place of a domain that an order cannot have.

use super::period::paid_until;
use super::{NameRow, Order, Rules, Tariff};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Domain, DomainStatus, Source};
use crate::id::Ids;
use crate::ledger::{Charge, Line, LineKind, PaidFor};
use crate::run::{Run, RunKind};
use crate::task::Task;
use crate::world::Scope;

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
    let lines = lines(order, &domain, rules, now, ids);
    let total: i64 = lines.iter().map(|line| line.amount_cents).sum();
    change.orders.update.push(Order { total_cents: order.total_cents + total, ..order.clone() });
    change.lines.extend(lines);
    let run = Run::new(ids.next(), RunKind::Provision, &domain, now);
    change.tasks.push(Task::for_run(ids.next(), &run.id, &run.partner, &run.world, now.server));
    change.runs.insert.push(run);
    let rows = if row.inventory.is_some() { &mut change.domains.update } else { &mut change.domains.insert };
    rows.push(domain);
    change
}

/// The domain that takes another's place in its order.
#[must_use]
pub(crate) fn in_place_of(order: &Order, old: &Domain, row: &NameRow, rules: &Rules, now: Now, ids: &Ids) -> Domain {
    let scope = Scope { partner: order.partner.clone(), world: order.world.clone() };
    let base = row.inventory.clone().unwrap_or_else(|| {
        let new = Domain::new(ids.next(), &scope, row.wanted.name.clone(), Source::Registrar, now.partner());
        Domain {
            usable_for: row.usable_for.clone(),
            price_cents: Tariff::today(rules.book).name(row),
            cost_cents: row.cost_cents,
            renewal_price_cents: row.renewal_cost_cents + rules.book.domain_margin_cents,
            renewal_cost_cents: row.renewal_cost_cents,
            ..new
        }
    });
    Domain {
        status: DomainStatus::Pending,
        order: Some(order.id.clone()),
        user: Some(order.user.clone()),
        position: old.position,
        provider: old.provider,
        licenses: old.licenses,
        inboxes_planned: old.inboxes_planned,
        inboxes_made: 0,
        persona_offset: old.persona_offset,
        personas: old.personas.clone(),
        forwarding_url: old.forwarding_url.clone(),
        dns: None,
        ..base
    }
}

fn lines(order: &Order, domain: &Domain, rules: &Rules, now: Now, ids: &Ids) -> Vec<Line> {
    let rest = PaidFor { start: now.partner(), end: paid_until(order, now.partner()) };
    let name = (!domain.held).then(|| Charge::once(LineKind::DomainRegistration, domain.price_cents));
    let licenses =
        domain.provider.map(|provider| Charge::licenses(provider, domain.licenses, rules.book.license(provider), rest));
    let charges = name.into_iter().chain(licenses);
    charges.map(|charge| Line::of(order, &domain.id, charge, now, ids)).collect()
}
