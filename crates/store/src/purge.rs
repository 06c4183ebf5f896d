//! Removing rows that nobody can see or need any more, a bounded batch at a time, so that requests do not
//! wait for it. A housekeeping timer calls these until nothing is left.

use model::clock::{DAY, Time};
use model::id::{Id as _, PartnerId};
use model::idempotency;
use model::notice;
use model::world::{Environment, World};
use sqlx::AssertSqlSafe;

use crate::db::{Tx, Value, args};
use crate::error::Halt;
use crate::partners;

/// How many rows one call removes at most.
pub const BATCH: i64 = 500;

/// Every table whose rows belong to a world, and its primary key.
const TABLES: &[(&str, &str)] = &[
    ("tasks", "id"),
    ("deliveries", "id"),
    ("events", "id"),
    ("actions", "id"),
    ("intents", "id"),
    ("runs", "id"),
    ("swaps", "id"),
    ("import_rows", "id"),
    ("imports", "id"),
    ("forwardings", "id"),
    ("consents", "id"),
    ("inboxes", "id"),
    ("domains", "id"),
    ("zones", "id"),
    ("evidence", "domain_id, which"),
    ("mendings", "partner, world, hour"),
    ("ledger", "order_id, domain_id, kind, period"),
    ("orders", "id"),
    ("quotes", "id"),
    ("bundles", "id"),
    ("users", "id"),
    ("remembered", "partner, world, key"),
];

/// Removes rows of the sandbox worlds that a partner's resets have left behind, up to [`BATCH`] of them.
/// Answers whether there may be more.
///
/// # Errors
/// When the database fails.
pub async fn old_worlds(tx: &mut Tx, id: &PartnerId) -> Result<bool, Halt> {
    // Held, because a reset meanwhile would make the world that it begins look like one left behind.
    let Some(partner) = partners::hold(tx, id).await? else { return Ok(false) };
    let current = partner.scope(Environment::Test).world;
    let mut left = BATCH;
    for (table, key) in TABLES {
        for (above, below) in around(id, &current) {
            let which = "partner = $1 AND world > $2 AND world < $3";
            let values = args![id, above.as_str(), below.as_str()];
            left -= remove(tx, table, key, which, values, left).await?;
            if left == 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A partner's sandbox worlds before and after the current one, as text sorts them.
fn around(id: &PartnerId, current: &World) -> [(String, String); 2] {
    let partner = id.as_str();
    // A semicolon is what comes after a colon.
    [(format!("test:{partner}:"), current.to_string()), (current.to_string(), format!("test:{partner};"))]
}

/// Removes quotes that expired a day ago, up to [`BATCH`] of them. Answers whether there may be more. `now`
/// is server time; a sandbox whose clock is ahead keeps its quotes for longer.
///
/// # Errors
/// When the database fails.
pub async fn quotes(tx: &mut Tx, now: Time) -> Result<bool, Halt> {
    let removed = remove(tx, "quotes", "id", "expires_at < $1", args![now.plus(-DAY)], BATCH).await?;
    Ok(removed == BATCH)
}

/// Removes accepted requests that stopped to count a day ago, up to [`BATCH`] of them. Answers whether there
/// may be more. `now` is server time, as for [`quotes`].
///
/// # Errors
/// When the database fails.
pub async fn remembered(tx: &mut Tx, now: Time) -> Result<bool, Halt> {
    let before = now.plus(-idempotency::WINDOW - DAY);
    let removed = remove(tx, "remembered", "partner, world, key", "created_at < $1", args![before], BATCH).await?;
    Ok(removed == BATCH)
}

/// Removes notices that were closed a good while ago, with what was told of them, up to [`BATCH`] of them. Answers whether
/// there may be more. `now` is server time.
///
/// # Errors
/// When the database fails.
pub async fn notices(tx: &mut Tx, now: Time) -> Result<bool, Halt> {
    let before = now.plus(-notice::KEPT);
    let gone = "SELECT id FROM notices WHERE closed_at IS NOT NULL AND closed_at < $1 ORDER BY closed_at, id";
    let told = format!("notice_id IN ({gone} LIMIT {BATCH})");
    while remove(tx, "notice_messages", "id", &told, args![before], BATCH).await? == BATCH {}
    let which = "closed_at IS NOT NULL AND closed_at < $1 ORDER BY closed_at, id";
    Ok(remove(tx, "notices", "id", which, args![before], BATCH).await? == BATCH)
}

/// The rows are chosen in a materialized part, for the reason given at [`crate::tasks::claim`].
async fn remove(
    tx: &mut Tx,
    table: &str,
    key: &str,
    which: &str,
    mut values: Vec<Value>,
    limit: i64,
) -> Result<i64, Halt> {
    values.push(Value::from(limit));
    let sql = format!(
        "WITH gone AS MATERIALIZED (SELECT {key} FROM {table} WHERE {which} LIMIT ${})
        DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM gone)",
        values.len()
    );
    let removed = tx.run(AssertSqlSafe(sql), values).await?;
    Ok(i64::try_from(removed).unwrap_or(limit))
}
