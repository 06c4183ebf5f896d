//! Partners.

use model::clock::Time;
use model::id::{Id, PartnerId};
use model::partner::Partner;
use model::secret::Secret;
use model::world::{Environment, World};
use secrecy::SecretString;

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::record::{Record, select};
use crate::seal::{Place, Vault};
use crate::table::table;

table! {
    Partner as (partner, vault) in "partners"
    fixed {
        id: Key,
        name: String,
        created_at: Time,
    }
    changing {
        tier: Name,
        test_epoch: i64,
        test_offset: i64,
        spend_limit_cents: Option<i64>,
        is_mended: bool,
        dkim: Name,
        sequencer_key: Option<String> = partner.sequencer_key.as_ref().map(|key| vault.seal(key, place(partner))),
    }
    read {
        sequencer_key: sequencer_key.map(Secret::Sealed),
    }
}

fn place(partner: &Partner) -> Place<'_> {
    Place { column: "partners.sequencer_key", row: partner.id.as_str() }
}

/// Opens the API key that a partner's orders are linked with, where there is one.
///
/// # Errors
/// When the master key is not the one that it was sealed with.
pub fn open_key(vault: &Vault, partner: &Partner) -> Result<Option<SecretString>, StoreError> {
    partner.sequencer_key.as_ref().map(|key| vault.open_secret(key, place(partner))).transpose()
}

/// A partner by id.
pub async fn get(db: &mut Db, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// A partner by id, locked until the commit: its clock is about to be moved. Waits for those who hold its row, and for those who hold it
/// together with a key (see [`crate::keys::hold_with_partner`]), who do not write to the row: many orders at once would have to queue for that.
pub async fn lock(tx: &mut Tx, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
    let lock = tx.backend().for_update();
    let partner = held(tx, id, lock).await?;
    if let Some(sql) = tx.backend().hold_alone() {
        tx.one(sql, args![id]).await?;
    }
    Ok(partner)
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

/// Those of some partners that there still are, in no order.
pub async fn load_all(db: &mut Db, ids: &[PartnerId]) -> Result<Vec<Partner>, StoreError> {
    db.find_those(ids).await
}

/// Every partner, oldest first.
pub async fn all(db: &mut Db) -> Result<Vec<Partner>, StoreError> {
    db.find_all("ORDER BY id", vec![]).await
}
