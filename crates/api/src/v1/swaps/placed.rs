//! A domain and its order, held until the commit.

use model::domain::Domain;
use model::id::DomainId;
use model::order::Order;
use model::refusal::Refusal;
use model::swap;
use model::world::Scope;
use store::{Halt, Tx, domains, orders};

use crate::problem::not_found;

/// A domain of this scope with its order, which is locked: nobody else changes what either is meanwhile.
pub(super) async fn placed(tx: &mut Tx, scope: &Scope, id: &DomainId) -> Result<(Order, Domain), Halt> {
    let before = of_scope(tx, scope, id).await?;
    let order = match &before.order {
        Some(order) => orders::lock(tx, order).await?,
        None => None,
    };
    let Some(order) = order else { return Err(swap::not_in_use(&before).into()) };
    Ok((order, of_scope(tx, scope, id).await?))
}

async fn of_scope(tx: &mut Tx, scope: &Scope, id: &DomainId) -> Result<Domain, Halt> {
    let found = domains::load(tx, id).await?;
    let ours = found.filter(|domain| domain.partner == scope.partner && domain.world == scope.world);
    Ok(ours.ok_or_else(|| Refusal::from(not_found("domain", id).at("domain_id")))?)
}
