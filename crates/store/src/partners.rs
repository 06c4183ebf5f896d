//! Partners.

use model::id::{Id, PartnerId};
use model::partner::{Partner, Tier};
use model::world::{Environment, World};

use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::{Halt, StoreError};
use crate::record::{Record, select};
use crate::seal::Vault;

impl Record for Partner {
    const TABLE: &'static str = "partners";
    const COLUMNS: &'static [&'static str] =
        &["id", "name", "created_at", "tier", "test_epoch", "test_offset", "spend_limit_cents", "version"];
    const FIXED: usize = 3;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            self.name.as_str(),
            self.created_at,
            self.tier.as_str(),
            self.test_epoch,
            self.test_offset,
            self.spend_limit_cents,
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            name: cells.text()?,
            created_at: cells.time()?,
            tier: cells.named(Tier::parse)?,
            test_epoch: cells.int()?,
            test_offset: cells.int()?,
            spend_limit_cents: cells.int_or_null()?,
            version: cells.int()?,
        })
    }
}

/// A partner by id.
pub async fn get(db: &mut Db, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// A partner by id, locked until the commit: its clock is about to be moved.
pub async fn lock(tx: &mut Tx, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
    let lock = tx.backend().for_update();
    held(tx, id, lock).await
}

/// A partner by id, as it stays until the commit; others may hold it too.
pub async fn hold(tx: &mut Tx, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
    let lock = tx.backend().for_share();
    held(tx, id, lock).await
}

async fn held(tx: &mut Tx, id: &PartnerId, lock: &str) -> Result<Option<Partner>, StoreError> {
    let row = tx.one(select::<Partner>(&format!("WHERE id = $1{lock}")), args![id]).await?;
    row.map(|row| Partner::read(&mut Cells::new(Partner::TABLE, &row))).transpose()
}

/// How far a world's clock is ahead, in microseconds, and stays until the commit: whoever computes a due
/// time by it and whoever moves the clock wait for each other. The live world's clock is the server's.
///
/// # Errors
/// [`Halt::Lost`] when a reset has left the world behind: work on it ends.
pub async fn clock_of(tx: &mut Tx, id: &PartnerId, world: &World) -> Result<i64, Halt> {
    if world.environment() == Environment::Live {
        return Ok(0);
    }
    let partner = hold(tx, id).await?.filter(|partner| partner.scope(Environment::Test).world == *world);
    partner.map(|partner| partner.test_offset).ok_or(Halt::Lost)
}

/// A partner by id or name, as people type it.
pub async fn by_id_or_name(db: &mut Db, text: &str) -> Result<Option<Partner>, StoreError> {
    if let Some(partner) = get(db, &PartnerId::opaque(text)).await? {
        return Ok(Some(partner));
    }
    db.find("WHERE name = $1", args![text]).await
}

/// Every partner, oldest first.
pub async fn all(db: &mut Db) -> Result<Vec<Partner>, StoreError> {
    db.find_all("ORDER BY id", vec![]).await
}
