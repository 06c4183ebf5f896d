//! A domain and its order, held until the commit.

use model::domain::{Domain, DomainRef};
use model::order::Order;
use model::refusal::Refusal;
use model::swap;
use model::world::Scope;
use store::locks::level;
use store::{Halt, Tx, domains};

use crate::acting::{Acting, Present};
use crate::missing::not_found;

/// A domain of this scope, and the turn to tell something about its order: nobody else changes what either is
/// meanwhile.
pub(super) async fn taken<'t>(
    mut acting: Acting<'t>,
    wanted: &DomainRef,
) -> Result<(Acting<'t, level::Turn>, Domain), Halt> {
    let scope = acting.actor.scope.clone();
    let domain = of_scope(&mut acting.tx, &scope, wanted).await?;
    Ok((acting.turn(domain.order.as_ref()).await?, domain))
}

/// The same domain as it is now, with its order, which is locked.
pub(super) async fn placed<'t>(
    present: Present<'t>,
    before: &Domain,
) -> Result<(Present<'t, level::Order>, Order, Domain), Halt> {
    let (mut present, order) = present.order_if(before.order.as_ref()).await?;
    let Some(order) = order else { return Err(swap::not_in_use(before).into()) };
    let domain = of_scope(&mut present.tx, &present.scope, &DomainRef::Id(before.id.clone())).await?;
    Ok((present, order, domain))
}

async fn of_scope(tx: &mut Tx, scope: &Scope, wanted: &DomainRef) -> Result<Domain, Halt> {
    let found = domains::meant(tx, scope, wanted).await?;
    Ok(found.ok_or_else(|| Refusal::from(not_found("domain", wanted).at("domain_id")))?)
}
