//! Webhook deliveries.

use model::delivery::{Delivery, DeliveryStatus};
use model::id::DeliveryId;
use model::world::World;

use crate::db::{Cells, Db, Value, args, json};
use crate::error::StoreError;
use crate::record::Record;
use crate::seal::Vault;

impl Record for Delivery {
    const TABLE: &'static str = "deliveries";
    const COLUMNS: &'static [&'static str] =
        &["id", "partner", "world", "event_id", "endpoint_id", "status", "attempts", "next_attempt_at", "version"];
    const FIXED: usize = 5;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            &self.event,
            &self.endpoint,
            self.status.as_str(),
            json(&self.attempts),
            self.next_attempt_at,
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            event: cells.id()?,
            endpoint: cells.id()?,
            status: cells.named(DeliveryStatus::parse)?,
            attempts: cells.json()?,
            next_attempt_at: cells.time_or_null()?,
            version: cells.int()?,
        })
    }
}

/// A delivery by id.
pub async fn load(db: &mut Db, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// The deliveries of one event.
pub async fn of_event(db: &mut Db, event: &model::id::EventId) -> Result<Vec<Delivery>, StoreError> {
    db.find_all("WHERE event_id = $1 ORDER BY id", args![event]).await
}
