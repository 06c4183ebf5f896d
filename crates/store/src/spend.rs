//! What was booked in a month, and the limits that it counts against.

use model::clock::Time;
use model::id::{Id, KeyId, PartnerId};
use model::money::Cents;
use model::spend::{Allowance, Limited, Month};
use model::world::Scope;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::db::{Cells, Db, Tx, args, id_or_null};
use crate::error::StoreError;

/// Everything that was booked for a partner in a world in a month, credits taken off.
pub async fn booked(db: &mut Db, scope: &Scope, month: Month) -> Result<Cents, StoreError> {
    let sql = "SELECT CAST(COALESCE(SUM(amount_cents), 0) AS BIGINT) FROM ledger
        WHERE partner = $1 AND world = $2 AND created_at >= $3 AND created_at < $4";
    let row = db.one(sql, args![&scope.partner, scope.world.as_str(), month.from, month.until]).await?;
    row.map_or(Ok(0), |row| Cells::new("ledger", &row).int())
}

/// The part of it that belongs to orders that were placed with one key.
pub async fn booked_with(db: &mut Db, scope: &Scope, key: &KeyId, month: Month) -> Result<Cents, StoreError> {
    // A cross join keeps SQLite to the order written: the month's lines first, then each one's order.
    let sql = "SELECT CAST(COALESCE(SUM(ledger.amount_cents), 0) AS BIGINT) FROM ledger CROSS JOIN orders
        WHERE ledger.partner = $1 AND ledger.world = $2 AND ledger.created_at >= $3 AND ledger.created_at < $4
        AND orders.id = ledger.order_id AND orders.api_key = $5";
    let row = db.one(sql, args![&scope.partner, scope.world.as_str(), month.from, month.until, key]).await?;
    row.map_or(Ok(0), |row| Cells::new("ledger", &row).int())
}

/// The limits that a purchase counts against, and how far each is used: for showing.
pub async fn look(
    db: &mut Db,
    scope: &Scope,
    key: Option<&KeyId>,
    partner_now: Time,
) -> Result<Vec<Allowance>, StoreError> {
    let limits = limits(db, &scope.partner, key).await?;
    allowances(db, scope, key, limits, partner_now).await
}

/// The same, for a purchase that is decided now. Whoever has a limit is locked until the commit, so that
/// two purchases at the same instant count one after the other; without a limit nobody waits. Ask
/// before the other facts are read: what was waited for is then seen by them too.
pub async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    key: Option<&KeyId>,
    partner_now: Time,
) -> Result<Vec<Allowance>, StoreError> {
    let mut limits = limits(tx, &scope.partner, key).await?;
    if limits.partner.is_some() {
        limits.partner = locked(tx, "partners", scope.partner.as_str()).await?;
    }
    if let (Some(_), Some(key)) = (limits.key, key) {
        limits.key = locked(tx, "api_keys", key.as_str()).await?;
    }
    allowances(tx, scope, key, limits, partner_now).await
}

#[derive(Clone, Copy)]
struct Limits {
    partner: Option<Cents>,
    key: Option<Cents>,
}

async fn limits(db: &mut Db, partner: &PartnerId, key: Option<&KeyId>) -> Result<Limits, StoreError> {
    let sql = "SELECT partners.spend_limit_cents, api_keys.spend_limit_cents FROM partners
        LEFT JOIN api_keys ON api_keys.id = $2 WHERE partners.id = $1";
    let row = db.one(sql, vec![partner.into(), id_or_null(key)]).await?;
    let read = |row: AnyRow| {
        let mut cells = Cells::new("partners", &row);
        Ok(Limits { partner: cells.int_or_null()?, key: cells.int_or_null()? })
    };
    row.map_or(Ok(Limits { partner: None, key: None }), read)
}

/// The limit as it is once nobody else can change it.
async fn locked(tx: &mut Tx, table: &str, id: &str) -> Result<Option<Cents>, StoreError> {
    let sql = format!("SELECT spend_limit_cents FROM {table} WHERE id = $1{}", tx.backend().for_update());
    let row = tx.one(AssertSqlSafe(sql), args![id]).await?;
    row.map_or(Ok(None), |row| Cells::new("partners", &row).int_or_null())
}

async fn allowances(
    db: &mut Db,
    scope: &Scope,
    key: Option<&KeyId>,
    limits: Limits,
    partner_now: Time,
) -> Result<Vec<Allowance>, StoreError> {
    let (month, mut found) = (Month::of(partner_now), vec![]);
    if let (Some(limit_cents), Some(key)) = (limits.key, key) {
        let spent_cents = booked_with(db, scope, key, month).await?;
        found.push(Allowance { of: Limited::Key, limit_cents, spent_cents });
    }
    if let Some(limit_cents) = limits.partner {
        let spent_cents = booked(db, scope, month).await?;
        found.push(Allowance { of: Limited::Partner, limit_cents, spent_cents });
    }
    Ok(found)
}
