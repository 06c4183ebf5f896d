//! Reads across partners, for the operator's commands only.

use model::id::{OrderId, PartnerId};
use model::order::Order;
use model::timeline::Facts;
use model::world::Scope;

use crate::db::{Db, args};
use crate::error::StoreError;
use crate::{orders, timelines};

/// An order of any partner.
pub async fn order(db: &mut Db, id: &OrderId) -> Result<Option<Order>, StoreError> {
    orders::load(db, id).await
}

/// The newest orders of a partner, or of everybody.
pub async fn newest_orders(db: &mut Db, partner: Option<&PartnerId>, limit: i64) -> Result<Vec<Order>, StoreError> {
    match partner {
        Some(partner) => db.find_all("WHERE partner = $1 ORDER BY id DESC LIMIT $2", args![partner, limit]).await,
        None => db.find_all("ORDER BY id DESC LIMIT $1", args![limit]).await,
    }
}

/// What the timeline of an order of any partner is made of. Belongs on a connection of
/// [`crate::Store::read_at_once`].
pub async fn timeline(db: &mut Db, id: &OrderId) -> Result<Option<Facts>, StoreError> {
    let Some(order) = orders::load(db, id).await? else { return Ok(None) };
    let scope = Scope { partner: order.partner, world: order.world };
    timelines::facts(db, &scope, id).await
}
