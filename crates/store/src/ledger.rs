//! The ledger: lines are inserted, never changed.

use model::id::OrderId;
use model::ledger::{Line, LineKind};
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
