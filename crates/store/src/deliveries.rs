//! Webhook deliveries.

use model::clock::Time;
use model::delivery::{Delivery, DeliveryStatus};
use model::id::{DeliveryId, EndpointId, EventId, Id};
use model::world::{Scope, World};
use sqlx::AssertSqlSafe;

use crate::column::{Json, Key, Name};
use crate::db::{Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::page::Page;
use crate::table::table;

table! {
    Delivery in "deliveries"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        event_id from event: Key,
        endpoint_id from endpoint: Key,
    }
    changing {
        status: Name,
        attempts: Json,
        next_attempt_at: Option<Time>,
        by_hand: bool,
    }
}

/// Those of some deliveries that there still are, in no order.
pub async fn load_all(db: &mut Db, ids: &[DeliveryId]) -> Result<Vec<Delivery>, StoreError> {
    db.find_those(ids).await
}

/// A delivery of a scope.
pub async fn get(db: &mut Db, scope: &Scope, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
    db.find("WHERE id = $1 AND partner = $2 AND world = $3", args![id, &scope.partner, scope.world.as_str()]).await
}

/// The same, held until the commit.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &DeliveryId) -> Result<Option<Delivery>, Halt> {
    let sql = format!("SELECT 1 FROM deliveries WHERE id = $1{}", tx.backend().for_update());
    tx.one(AssertSqlSafe(sql), args![id]).await?;
    Ok(get(tx, scope, id).await?)
}

/// What deliveries can be narrowed by.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "named like the columns")]
pub struct Filter {
    pub endpoint: Option<EndpointId>,
    pub event: Option<EventId>,
    pub status: Option<DeliveryStatus>,
}

/// A page of deliveries, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Delivery>, StoreError> {
    let equal = [
        ("endpoint_id", filter.endpoint.as_ref().map(|id| id.as_str().to_owned())),
        ("event_id", filter.event.as_ref().map(|id| id.as_str().to_owned())),
        ("status", filter.status.map(|status| status.as_str().to_owned())),
    ];
    page.find(db, scope, &equal).await
}

/// The deliveries of one event, oldest first.
pub async fn of_event(db: &mut Db, scope: &Scope, event: &EventId) -> Result<Vec<Delivery>, StoreError> {
    let rest = "WHERE partner = $1 AND world = $2 AND event_id = $3 ORDER BY id";
    db.find_all(rest, args![&scope.partner, scope.world.as_str(), event]).await
}
