//! What was booked in a month, and the limits that it counts against.

use model::clock::Time;
use model::id::{Id, KeyId, OrderId, PartnerId};
use model::money::Cents;
use model::spend::{Allowance, Limited, Month};
use model::world::Scope;
use sqlx::AssertSqlSafe;

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
    let limits = find(db, &scope.partner, &of_key(key)).await?;
    limits.allowances(db, scope, partner_now).await
}

/// The limits that a purchase counts against which is decided now. Whoever has a limit is locked until the
/// commit, so that two purchases at the same instant count one after the other; without a limit nobody waits.
/// Ask before the partner's clock is held and the other facts are read: what was waited for is then seen by
/// them too, and the month is the one in which the purchase is written.
pub async fn lock(tx: &mut Tx, scope: &Scope, key: Option<&KeyId>) -> Result<Limits, StoreError> {
    find(tx, &scope.partner, &of_key(key)).await?.locked(tx, &scope.partner).await
}

/// The limits that something more in an order counts against: the partner's, that of the key which the order was
/// placed with, because its lines count there, and that of the key which asks for it, when one does.
pub async fn of_order(
    db: &mut Db,
    scope: &Scope,
    order: &OrderId,
    asking: Option<&KeyId>,
) -> Result<Limits, StoreError> {
    let sql = "SELECT api_key FROM orders WHERE id = $1 AND partner = $2 AND world = $3";
    let row = db.one(sql, args![order, &scope.partner, scope.world.as_str()]).await?;
    let placed_with = row.map_or(Ok(None), |row| Cells::new("orders", &row).id_or_null::<KeyId>())?;
    let mut keys = of_key(asking);
    keys.extend(placed_with.filter(|key| Some(key) != asking).map(|key| (Limited::OrderKey, key)));
    find(db, &scope.partner, &keys).await
}

/// The same, for a purchase that is decided now: locked as in [`lock`]. To be asked for before the partner's clock is
/// held and before the order is locked.
pub async fn lock_of_order(
    tx: &mut Tx,
    scope: &Scope,
    order: &OrderId,
    asking: Option<&KeyId>,
) -> Result<Limits, StoreError> {
    of_order(tx, scope, order, asking).await?.locked(tx, &scope.partner).await
}

/// Whose limits a purchase counts against, and how high they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    partner: Option<Cents>,
    keys: Vec<(Limited, KeyId, Cents)>,
}

impl Limits {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.partner.is_none() && self.keys.is_empty()
    }

    /// How far each of them is used.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn allowances(
        &self,
        db: &mut Db,
        scope: &Scope,
        partner_now: Time,
    ) -> Result<Vec<Allowance>, StoreError> {
        let (month, mut found) = (Month::of(partner_now), vec![]);
        for (of, key, limit_cents) in &self.keys {
            let spent_cents = booked_with(db, scope, key, month).await?;
            found.push(Allowance { of: *of, limit_cents: *limit_cents, spent_cents });
        }
        if let Some(limit_cents) = self.partner {
            let spent_cents = booked(db, scope, month).await?;
            found.push(Allowance { of: Limited::Partner, limit_cents, spent_cents });
        }
        Ok(found)
    }

    /// The limits as they are once nobody else can change them. The partner first, then the keys in the order of
    /// their ids: two who lock some of the same ones never wait for each other in a circle.
    async fn locked(mut self, tx: &mut Tx, partner: &PartnerId) -> Result<Self, StoreError> {
        let (mut now, lock) = (Self::default(), tx.backend().for_update());
        if self.partner.is_some() {
            now.partner = limit(tx, "partners", partner.as_str(), lock).await?;
        }
        self.keys.sort_by(|one, other| one.1.cmp(&other.1));
        for (of, key, _) in self.keys {
            let limit = limit(tx, "api_keys", key.as_str(), lock).await?;
            now.add(Some(&(of, key)), limit);
        }
        now.keys.sort_by_key(|(of, ..)| *of != Limited::Key);
        Ok(now)
    }

    fn add(&mut self, key: Option<&(Limited, KeyId)>, limit: Option<Cents>) {
        self.keys.extend(key.zip(limit).map(|((of, key), limit)| (*of, key.clone(), limit)));
    }
}

fn of_key(key: Option<&KeyId>) -> Vec<(Limited, KeyId)> {
    key.map(|key| (Limited::Key, key.clone())).into_iter().collect()
}

/// Reads them in one statement, as orders are placed with one key; a second key is rare.
async fn find(db: &mut Db, partner: &PartnerId, keys: &[(Limited, KeyId)]) -> Result<Limits, StoreError> {
    let mut found = Limits::default();
    let sql = "SELECT partners.spend_limit_cents, api_keys.spend_limit_cents FROM partners
        LEFT JOIN api_keys ON api_keys.id = $2 WHERE partners.id = $1";
    let first = keys.first();
    if let Some(row) = db.one(sql, vec![partner.into(), id_or_null(first.map(|(_, key)| key))]).await? {
        let mut cells = Cells::new("partners", &row);
        found.partner = cells.int_or_null()?;
        found.add(first, cells.int_or_null()?);
    }
    for second in keys.iter().skip(1) {
        let limit = limit(db, "api_keys", second.1.as_str(), "").await?;
        found.add(Some(second), limit);
    }
    Ok(found)
}

async fn limit(db: &mut Db, table: &str, id: &str, lock: &str) -> Result<Option<Cents>, StoreError> {
    let sql = format!("SELECT spend_limit_cents FROM {table} WHERE id = $1{lock}");
    let row = db.one(AssertSqlSafe(sql), args![id]).await?;
    row.map_or(Ok(None), |row| Cells::new("partners", &row).int_or_null())
}
