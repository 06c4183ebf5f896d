//! Whose turn it is to tell something.

use crate::db::{Tx, args};
use crate::dialect::Backend;
use crate::error::StoreError;

/// Waits until nobody else is telling events of this order or job, and holds the turn until the commit.
///
/// It has to be the first thing that a transaction does. On PostgreSQL an event's place in the feed is its
/// transaction's number, and a transaction that has its number already when it begins to wait would tell
/// later things at an earlier place. This lock, other than that of a row, needs no number.
pub async fn take(tx: &mut Tx, of: &str) -> Result<(), StoreError> {
    match tx.backend() {
        // There is one writer.
        Backend::Sqlite => {}
        Backend::Postgres => {
            tx.one("SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT)", args![of]).await?;
        }
    }
    Ok(())
}
