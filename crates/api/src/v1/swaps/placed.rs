//! A domain and its order, held until the commit.

use model::domain::Domain;
use model::id::{DomainId, Id as _};
use model::order::Order;
use model::refusal::Refusal;
use model::swap;
use model::world::Scope;
use store::{Halt, Tx, domains, orders, turn};

use crate::problem::not_found;

/// A domain of this scope, and the turn to tell something about its order: nobody else changes what either is
/// meanwhile. It has to be the first thing in a transaction.
pub(super) async fn taken(tx: &mut Tx, scope: &Scope, id: &DomainId) -> Result<Domain, Halt> {
    let domain = of_scope(tx, scope, id).await?;
    if let Some(order) = &domain.order {
        turn::take(tx, order.as_str()).await?;
    }
    Ok(domain)
}

/// The same domain as it is now, with its order, which is locked.
pub(super) async fn placed(tx: &mut Tx, scope: &Scope, before: &Domain) -> Result<(Order, Domain), Halt> {
    let order = match &before.order {
        Some(order) => orders::lock(tx, order).await?,
        None => None,
    };
    let Some(order) = order else { return Err(swap::not_in_use(before).into()) };
    Ok((order, of_scope(tx, scope, &before.id).await?))
}

async fn of_scope(tx: &mut Tx, scope: &Scope, id: &DomainId) -> Result<Domain, Halt> {
    let found = domains::get(tx, scope, id).await?;
    Ok(found.ok_or_else(|| Refusal::from(not_found("domain", id).at("domain_id")))?)
}
