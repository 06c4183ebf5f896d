//! Forwarding jobs.

use model::forwarding::{Forwarding, ForwardingStatus};
use model::id::ForwardingId;
use model::world::{Scope, World};

use crate::db::{Cells, Db, Tx, Value, args, json};
use crate::error::StoreError;
use crate::record::{Record, select};
use crate::seal::Vault;

impl Record for Forwarding {
    const TABLE: &'static str = "forwardings";
    const COLUMNS: &'static [&'static str] =
        &["id", "partner", "world", "created_at", "url", "status", "entries", "completed_at", "version"];
    const FIXED: usize = 5;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            self.url.as_str(),
            self.status.as_str(),
            json(&self.entries),
            self.completed_at,
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            url: cells.text()?,
            status: cells.named(ForwardingStatus::parse)?,
            entries: cells.json()?,
            completed_at: cells.time_or_null()?,
            version: cells.int()?,
        })
    }
}

/// One by id, as a request sees it.
pub async fn get(db: &mut Db, scope: &Scope, id: &ForwardingId) -> Result<Option<Forwarding>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// One by id, locked until the commit.
pub async fn lock(tx: &mut Tx, id: &ForwardingId) -> Result<Option<Forwarding>, StoreError> {
    let rest = format!("WHERE id = $1{}", tx.backend().for_update());
    let row = tx.one(select::<Forwarding>(&rest), args![id]).await?;
    row.map(|row| Forwarding::read(&mut Cells::new(Forwarding::TABLE, &row))).transpose()
}
