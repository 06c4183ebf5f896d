//! The ledger: lines are inserted, never changed.

use model::id::{DomainId, OrderId};
use model::ledger::{Line, LineKind, Sum};
use model::world::World;

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::record::Record;
use crate::seal::Vault;

impl Record for Line {
    const TABLE: &'static str = "ledger";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "world",
        "order_id",
        "domain_id",
        "kind",
        "period",
        "quantity",
        "unit_cents",
        "amount_cents",
        "created_at",
    ];
    const FIXED: usize = 11;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            &self.order,
            &self.domain,
            self.kind.as_str(),
            self.period.as_str(),
            self.quantity,
            self.unit_cents,
            self.amount_cents,
            self.created_at
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            order: cells.id()?,
            domain: cells.id()?,
            kind: cells.named(LineKind::parse)?,
            period: cells.text()?,
            quantity: cells.int()?,
            unit_cents: cells.int()?,
            amount_cents: cells.int()?,
            created_at: cells.time()?,
        })
    }
}

/// An order's lines.
pub async fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Line>, StoreError> {
    db.find_all("WHERE order_id = $1", args![order]).await
}

/// An order's lines for one of its domains.
pub async fn of_domain(db: &mut Db, order: &OrderId, domain: &DomainId) -> Result<Vec<Line>, StoreError> {
    db.find_all("WHERE order_id = $1 AND domain_id = $2", args![order, domain]).await
}

/// An order's lines for one period.
pub async fn of_period(db: &mut Db, order: &OrderId, period: &str) -> Result<Vec<Line>, StoreError> {
    db.find_all("WHERE order_id = $1 AND period = $2", args![order, period]).await
}

/// Everything that was booked for an order, added up.
pub async fn sums_of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Sum>, StoreError> {
    let sql = "SELECT period, kind, unit_cents, CAST(SUM(quantity) AS BIGINT), CAST(SUM(amount_cents) AS BIGINT)
        FROM ledger WHERE order_id = $1 GROUP BY period, kind, unit_cents";
    let rows = db.all(sql, args![order]).await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(Line::TABLE, row);
            Ok(Sum {
                period: cells.text()?,
                kind: cells.named(LineKind::parse)?,
                unit_cents: cells.int()?,
                quantity: cells.int()?,
                amount_cents: cells.int()?,
            })
        })
        .collect()
}
