//! What waits for a person.

mod resolve;

use model::action::Action;
use model::persona::Persona;
use store::{Db, StoreError, domains, orders};

pub use resolve::{ResolveAction, Resolved};

/// The people that an action's number points into: the domain's own, or its order's.
///
/// # Errors
/// When they cannot be read.
pub async fn people(db: &mut Db, action: &Action) -> Result<Vec<Persona>, StoreError> {
    if action.persona.is_none() {
        return Ok(vec![]);
    }
    let domain = domains::load(db, &action.domain).await?;
    if let Some(own) = domain.and_then(|domain| domain.personas) {
        return Ok(own);
    }
    let order = match &action.order {
        Some(id) => orders::load(db, id).await?,
        None => None,
    };
    Ok(order.map_or(vec![], |order| order.personas))
}
