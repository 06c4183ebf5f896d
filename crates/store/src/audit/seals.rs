//! Seals: each is a keyed hash over the one before it and the entries since, so that nothing sealed can be taken out.
//!
//! They are made a moment after their entries, by whoever keeps house, and not by each write: a chain through every write would
//! let writers on several machines wait for each other.

use futures_util::FutureExt as _;
use model::clock::Time;

use super::{Kept, Place, behind};
use crate::db::{Cells, Db, Tx, args};
use crate::error::{Failure, Halt, StoreError};
use crate::feed;
use crate::open::Store;
use crate::seal::Vault;

/// How many entries one seal is made over at most.
pub const PIECE: i64 = 500;

/// A seal as it is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Seal {
    pub(super) number: i64,
    pub(super) upto: Place,
    pub(super) entries: i64,
    pub(super) hash: String,
}

/// Seals what is not sealed yet, at most [`PIECE`] entries. Answers how many; of two processes that do it at once one does.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn seal(store: &Store, now: Time) -> Result<usize, Failure> {
    store.settle(move |tx| seal_in(tx, now).boxed()).await
}

async fn seal_in(tx: &mut Tx, now: Time) -> Result<usize, Halt> {
    let before = last(tx).await?.unwrap_or_default();
    let below = feed::bound(tx).await?;
    let entries = behind(tx, &before.upto, below, PIECE).await?;
    let Some(newest) = entries.last() else { return Ok(0) };
    let (upto, count) = (newest.place(), i64::try_from(entries.len()).unwrap_or(PIECE));
    let hash = over(&tx.vault, &before.hash, &entries);
    // Whoever was faster has this number: then it is looked at again.
    let sql = "INSERT INTO audit_seals (number, made_at, position, last_id, entries, hash)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (number) DO NOTHING";
    let values = args![before.number + 1, now, upto.position, upto.id.as_str(), count, hash.as_str()];
    if tx.run(sql, values).await? == 0 { Err(Halt::Clash) } else { Ok(entries.len()) }
}

/// The keyed hash of a seal over these entries.
pub(super) fn over(vault: &Vault, before: &str, entries: &[Kept]) -> String {
    let lines = entries.iter().map(|kept| format!("\n{} {}", kept.entry.id, kept.hash));
    let text: String = std::iter::once(before.to_owned()).chain(lines).collect();
    vault.keyed_hash("audit seal", text.as_bytes())
}

async fn last(db: &mut Db) -> Result<Option<Seal>, StoreError> {
    let sql = "SELECT number, position, last_id, entries, hash FROM audit_seals ORDER BY number DESC LIMIT 1";
    db.one(sql, vec![]).await?.map(|row| read(&mut Cells::new("audit_seals", &row))).transpose()
}

/// The seals after a number, in their order.
pub(super) async fn after(db: &mut Db, number: i64, limit: i64) -> Result<Vec<Seal>, StoreError> {
    let sql =
        "SELECT number, position, last_id, entries, hash FROM audit_seals WHERE number > $1 ORDER BY number LIMIT $2";
    let rows = db.all(sql, args![number, limit]).await?;
    rows.iter().map(|row| read(&mut Cells::new("audit_seals", row))).collect()
}

fn read(cells: &mut Cells<'_>) -> Result<Seal, StoreError> {
    let number = cells.int()?;
    let upto = Place { position: cells.int()?, id: cells.text()? };
    Ok(Seal { number, upto, entries: cells.int()?, hash: cells.text()? })
}

/// Whether a seal has this hash: what was the head once is in the trail for ever.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_known(db: &mut Db, hash: &str) -> Result<bool, StoreError> {
    Ok(db.one("SELECT number FROM audit_seals WHERE hash = $1", args![hash]).await?.is_some())
}
