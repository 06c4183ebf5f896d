//! Names that have left their order and are still the partner's.

use crate::change::Change;
use crate::clock::Now;
use crate::domain::Assigned;
use crate::domain::{Domain, DomainStatus};
use crate::id::Ids;
use crate::task::Task;
use crate::world::Scope;

/// The fresh inventory row of a name that has left its order, and the task that waits for the day it runs out;
/// the old row stays as history.
#[must_use]
pub(super) fn to_inventory(gone: &Domain, now: Now, ids: &Ids) -> Change {
    let scope = Scope { partner: gone.partner.clone(), world: gone.world.clone() };
    let kept = Domain {
        status: DomainStatus::Available,
        held: true,
        usable_for: gone.usable_for.clone(),
        renewal_price_cents: gone.renewal_price_cents,
        renewal_cost_cents: gone.renewal_cost_cents,
        expires_at: gone.expires_at,
        accounts: Assigned { registrar: gone.accounts.registrar.clone(), ..Assigned::default() },
        ..Domain::new(ids.next(), &scope, gone.name.clone(), gone.source, now.partner())
    };
    let mut change = Change::default();
    if let Some(expires_at) = kept.expires_at {
        change.tasks.push(Task::for_expiry(ids.next(), &kept.id, &kept.partner, &kept.world, now.due(expires_at)));
    }
    change.domains.insert.push(kept);
    change
}

/// What the day means on which a name of the inventory runs out: nobody renews it, so it is no longer the
/// partner's. A name that an order has taken since is renewed by that order.
#[must_use]
pub fn expire(domain: &Domain, now: Now) -> Change {
    let mut change = Change::default();
    let over = domain.expires_at.is_some_and(|at| at <= now.partner());
    if over && domain.order.is_none() && domain.status == DomainStatus::Available {
        change.domains.update.push(Domain { status: DomainStatus::Released, held: false, ..domain.clone() });
    }
    change
}
