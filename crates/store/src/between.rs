//! Lists between two times, by ids that rise with time.

use model::clock::Time;
use model::id::{Id, lowest_near};
use model::world::Scope;
use sqlx::AssertSqlSafe;

use crate::db::{Cells, Db, args};
use crate::error::StoreError;

/// How long before or after its `created_at` a row's id may have been drawn, in milliseconds: the registrar was
/// asked in between, and another machine's clock may differ.
const DRAWN_WITHIN: i64 = 60_000;

/// The lowest id that a table's rows made between two partner times can have, and one above all of them; `None`
/// when there are no such rows. A list of a short time passes over the rest. The table needs an index
/// `(partner, world, created_at, id)`.
pub(crate) async fn ids<I: Id>(
    db: &mut Db,
    scope: &Scope,
    table: &'static str,
    after: Option<Time>,
    before: Option<Time>,
) -> Result<Option<(Option<String>, Option<String>)>, StoreError> {
    let (mut from, mut to) = (None, None);
    if let Some(after) = after {
        let rest = "created_at >= $3 ORDER BY created_at, id LIMIT 1";
        let Some(first) = made::<I>(db, scope, table, rest, after).await? else { return Ok(None) };
        from = lowest_near(&first, -DRAWN_WITHIN).map(|id| id.as_str().to_owned());
    }
    if let Some(before) = before {
        let rest = "created_at < $3 ORDER BY created_at DESC, id DESC LIMIT 1";
        let Some(last) = made::<I>(db, scope, table, rest, before).await? else { return Ok(None) };
        to = lowest_near(&last, DRAWN_WITHIN).map(|id| id.as_str().to_owned());
    }
    Ok(Some((from, to)))
}

async fn made<I: Id>(
    db: &mut Db,
    scope: &Scope,
    table: &'static str,
    rest: &str,
    time: Time,
) -> Result<Option<I>, StoreError> {
    let sql = format!("SELECT id FROM {table} WHERE partner = $1 AND world = $2 AND {rest}");
    let row = db.one(AssertSqlSafe(sql), args![&scope.partner, scope.world.as_str(), time]).await?;
    row.map(|row| Cells::new(table, &row).id()).transpose()
}
