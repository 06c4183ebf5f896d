//! Marks, by which whoever serves from rows finds what is new: the database sets one where a row is written.
//!
//! Where there is one writer it counts up. On PostgreSQL it is the number of the transaction, and whoever reads stops below the oldest
//! of ours that may still write (see `feed`): what is committed late has a place that was not read yet.

use sqlx::AssertSqlSafe;

use crate::db::{Cells, Db};
use crate::error::StoreError;
use crate::feed;

/// Below which mark of a table, itself included, everything is written.
pub(crate) async fn bound(db: &mut Db, table: &'static str) -> Result<i64, StoreError> {
    if let Some(next) = feed::bound(db).await? {
        return Ok(next - 1);
    }
    let row = db.one(AssertSqlSafe(format!("SELECT COALESCE(MAX(mark), 0) FROM {table}")), vec![]).await?;
    row.map_or(Ok(0), |row| Cells::new(table, &row).int())
}
