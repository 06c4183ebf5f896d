//! How far the event feed can be read. An event's place is the number of the transaction that tells it (see
//! `Backend::feed_position`), and whoever reads must stop below the oldest that may still be told.
//!
//! On PostgreSQL the oldest transaction that runs is anybody's: another database's, a report's, a forgotten prompt's.
//! So our own writers say that they are there. The first thing that each does is to take a lock, shared by all of them,
//! whose key holds the next number that was free at that moment: its own will not be below. The locks end with their
//! transactions, however those end.

use crate::db::{Cells, Db};
use crate::dialect::Backend;
use crate::error::StoreError;

/// Begins a writing transaction and says that it is there. The locks of each schema have a class of their own.
pub(crate) const BEGIN: &str = "BEGIN; SELECT CAST(pg_advisory_xact_lock_shared(
        hashtext('mailwright feed ' || current_schema()),
        CAST((CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT) + 2147483648) % 4294967296
            - 2147483648 AS INTEGER)
    ) AS TEXT)";

/// The locks of our writers.
const OURS: &str = "l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND CAST(l.classid AS BIGINT) = (CAST(hashtext('mailwright feed ' || current_schema()) AS BIGINT) + 4294967296) % 4294967296";

/// The first place that may still be told: the next number that is free, or the lowest that a writer said. A key holds
/// the lower half of a number, which is near the next one. The numbers are those of this statement's snapshot, which is
/// older than its look at the locks: a writer that is missed has a higher number, or has ended.
const BOUND: &str = "SELECT LEAST(n.next, (
        SELECT MIN(n.next + 2147483648 - (n.next - CAST(l.objid AS BIGINT) + 2147483648 + 4294967296) % 4294967296)
        FROM pg_locks l WHERE {ours}
    )) FROM (SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT) AS next) n";

/// The writer that has been at it for the longest.
const OLDEST: &str = "SELECT CAST(l.pid AS BIGINT), a.application_name, CAST(a.datname AS TEXT),
        CAST(EXTRACT(EPOCH FROM clock_timestamp() - a.xact_start) * 1000000 AS BIGINT)
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE {ours} AND a.xact_start IS NOT NULL ORDER BY a.xact_start LIMIT 1";

/// Below which place everything is told; `None` where there is one writer, who tells in order. What is read afterwards,
/// by a statement of its own, is whole below it.
pub(crate) async fn bound(db: &mut Db) -> Result<Option<i64>, StoreError> {
    if db.backend() == Backend::Sqlite {
        return Ok(None);
    }
    let row = db.one(sqlx::AssertSqlSafe(BOUND.replace("{ours}", OURS)), vec![]).await?;
    row.map(|row| Cells::new("pg_locks", &row).int()).transpose()
}

/// Whom the feed waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedWait {
    /// The database's own number of the connection.
    pub pid: i64,
    /// What the connection calls itself.
    pub application: String,
    /// The database it is in.
    pub database: String,
    /// For how long its transaction has been open, in microseconds.
    pub micros: i64,
}

/// The transaction that has held the feed up for longest, when one has for so many microseconds.
pub async fn waits(db: &mut Db, micros: i64) -> Result<Option<FeedWait>, StoreError> {
    if db.backend() == Backend::Sqlite {
        return Ok(None);
    }
    let Some(row) = db.one(sqlx::AssertSqlSafe(OLDEST.replace("{ours}", OURS)), vec![]).await? else { return Ok(None) };
    let mut cells = Cells::new("pg_locks", &row);
    let wait = FeedWait {
        pid: cells.int()?,
        application: cells.text_or_null()?.unwrap_or_default(),
        database: cells.text_or_null()?.unwrap_or_default(),
        micros: cells.int()?,
    };
    Ok(Some(wait).filter(|wait| wait.micros >= micros))
}
