//! Deletes what is remembered of worlds that nobody lives in any more, a bounded piece at a time.

use model::id::{Id, PartnerId};
use model::world::World;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Row, query};

use super::Dialect;
use super::sql::begin;
use crate::all::sim::error::SimError;

const BELOW: &str = "SELECT below FROM forgotten WHERE partner = $1";
const KEEP: &str = "INSERT INTO forgotten (partner, below) VALUES ($1, $2)
                    ON CONFLICT (partner) DO UPDATE SET below = excluded.below";

/// A planner who thinks that old rows are everywhere reads the whole table, also when the last one has just gone;
/// meanwhile nobody could write.
const BY_INDEX: &str = "SET LOCAL enable_seqscan = off";

/// Worlds that one piece looks at: below both databases' limits on parameters.
const WORLDS_AT_ONCE: i64 = 500;
/// So many of the youngest old worlds are looked at again and again: a call that was under way when its world was
/// left may write there afterwards.
const SETTLING: i64 = 16;

/// The worlds of a partner that are to be forgotten, and how much at once.
#[derive(Clone, Debug)]
pub(in crate::all::sim) struct Old {
    /// Whose.
    pub(in crate::all::sim) partner: PartnerId,
    /// The first epoch that is kept.
    pub(in crate::all::sim) before: i64,
    /// Rows to delete at most.
    pub(in crate::all::sim) rows: u32,
}

/// Deletes one piece, and says whether there may be more.
pub(super) async fn forget(pool: &AnyPool, dialect: Dialect, old: &Old) -> Result<bool, SimError> {
    let mut connection = pool.acquire().await?;
    let mut transaction = begin(&mut connection, dialect).await?;
    if dialect == Dialect::Postgres {
        query(BY_INDEX).execute(&mut *transaction).await?;
    }
    let from = below(&mut transaction, &old.partner).await?;
    let until = old.before.min(from.saturating_add(WORLDS_AT_ONCE));
    let worlds: Vec<_> = (from..until).map(|epoch| World::test(&old.partner, epoch)).collect();
    let is_empty = delete_all(&mut transaction, dialect, &worlds, i64::from(old.rows.max(1))).await?;
    let settled = until.min(old.before.saturating_sub(SETTLING));
    if is_empty && settled > from {
        query(KEEP).bind(old.partner.as_str()).bind(settled).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(!is_empty || until < old.before)
}

/// The epoch below which everything of a partner is gone.
async fn below(connection: &mut AnyConnection, partner: &PartnerId) -> Result<i64, SimError> {
    let found = query(BELOW).bind(partner.as_str()).fetch_optional(connection).await?;
    Ok(found.map_or(Ok(0), |row| row.try_get(0))?)
}

/// Deletes so many rows of the worlds at most, and says whether that was all.
async fn delete_all(
    connection: &mut AnyConnection,
    dialect: Dialect,
    worlds: &[World],
    rows: i64,
) -> Result<bool, SimError> {
    if worlds.is_empty() {
        return Ok(true);
    }
    let mut left = rows;
    for (table, key) in [("estate", "world, name"), ("effect", "seq")] {
        left -= delete(connection, &delete_sql(dialect, (table, key), worlds.len()), worlds, left).await?;
    }
    Ok(left > 0)
}

fn delete_sql(dialect: Dialect, (table, key): (&str, &str), worlds: usize) -> String {
    let (listed, limit) = (dialect.places(1, worlds, 1), dialect.places(worlds + 1, 1, 1));
    format!("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE world IN {listed} LIMIT {limit})")
}

async fn delete(connection: &mut AnyConnection, sql: &str, worlds: &[World], rows: i64) -> Result<i64, SimError> {
    let query = worlds.iter().fold(query(AssertSqlSafe(sql)), |query, world| query.bind(world.as_str()));
    let done = query.bind(rows).execute(connection).await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(rows))
}
