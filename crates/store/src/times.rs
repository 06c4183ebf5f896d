//! The newest time that a server on this database has known: so that a start knows when its clock was put back.

use model::clock::Time;

use crate::db::{Cells, Db, Tx, args};
use crate::error::StoreError;

const READ: &str = "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'time_known'";

/// The newest time that is known; `None` on a database that no server has kept time on.
pub async fn known(db: &mut Db) -> Result<Option<Time>, StoreError> {
    let row = db.one(READ, vec![]).await?;
    row.map_or(Ok(None), |row| Cells::new("meta", &row).time_or_null())
}

/// Makes a time known, unless a newer one is, and answers the one that was known before.
pub async fn pass(tx: &mut Tx, now: Time) -> Result<Option<Time>, StoreError> {
    let before = known(tx).await?;
    let sql = "INSERT INTO meta (key, value) VALUES ('time_known', $1) ON CONFLICT (key)
        DO UPDATE SET value = excluded.value WHERE CAST(meta.value AS BIGINT) < CAST(excluded.value AS BIGINT)";
    tx.run(sql, args![now.0.to_string().as_str()]).await?;
    Ok(before)
}

/// Makes a time known in place of one that is not believed.
pub async fn correct(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    let sql = "INSERT INTO meta (key, value) VALUES ('time_known', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    tx.run(sql, args![now.0.to_string().as_str()]).await?;
    Ok(())
}
