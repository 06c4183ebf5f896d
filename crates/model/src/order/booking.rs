//! What placing an order and putting another name in the place of one do alike: the domain's row, and what it is
//! charged at once.

use super::{NameRow, Order, Tariff};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::Assigned;
use crate::domain::{Domain, DomainStatus, Source};
use crate::id::Ids;
use crate::ledger::{Charge, Line, LineKind, PaidFor};
use crate::world::Scope;

/// The domain that comes into an order: of the inventory, or a new one with its prices.
pub(super) fn domain_of(order: &Order, row: &NameRow, tariff: &Tariff<'_>, now: Now, ids: &Ids) -> Domain {
    let base = row.inventory.clone().unwrap_or_else(|| {
        let scope = Scope { partner: order.partner.clone(), world: order.world.clone() };
        let new = Domain::new(ids.next(), &scope, row.wanted.name.clone(), Source::Registrar, now.partner());
        Domain {
            usable_for: row.usable_for.clone(),
            price_cents: tariff.name(row),
            cost_cents: tariff.most_to_pay(row),
            renewal_price_cents: tariff.renewal(row),
            renewal_cost_cents: tariff.most_to_pay_again(row),
            accounts: Assigned { registrar: tariff.account(row), ..Assigned::default() },
            ..new
        }
    });
    Domain {
        status: DomainStatus::Pending,
        order: Some(order.id.clone()),
        user: Some(order.user.clone()),
        inboxes_made: 0,
        dns: None,
        ..base
    }
}

/// What a domain is charged when it is booked: its name, unless the partner has it already, and its licences for a time.
pub(super) fn charged(
    order: &Order,
    domain: &Domain,
    tariff: &Tariff<'_>,
    paid_for: PaidFor,
    now: Now,
    ids: &Ids,
) -> Vec<Line> {
    let name = (!domain.held).then(|| Charge::once(LineKind::DomainRegistration, domain.price_cents));
    let licenses =
        domain.provider.map(|provider| Charge::licenses(provider, domain.licenses, tariff.license(provider), paid_for));
    let charges = name.into_iter().chain(licenses);
    charges.map(|charge| Line::of(order, &domain.id, charge, now, ids)).collect()
}

/// Writes the domain of a name: over its row of the inventory, or as a new one.
pub(crate) fn keep(row: &NameRow, domain: Domain, change: &mut Change) {
    let rows = if row.inventory.is_some() { &mut change.domains.update } else { &mut change.domains.insert };
    rows.push(domain);
}
