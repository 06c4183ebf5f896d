//! Signed looks at domains: the last one of each, and the one by which it was said to be connected.

use std::collections::HashMap;

use model::clock::Time;
use model::evidence::{Evidence, Summary, Which};
use model::id::{DomainId, OrderId};
use model::world::{Scope, World};
use sqlx::AssertSqlSafe;

use crate::column::{Column, Json, Key, Name};
use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::record::Record;
use crate::row::Row;
use crate::table::table;

table! {
    Evidence in "evidence"
    fixed {
        domain_id from domain: Key,
        which: Name,
        partner: Key,
        world: World,
        checked_at: Time,
        summary: Json,
        document: String,
    }
}

/// A look at a domain; `None` where there was none.
///
/// # Errors
/// When the database fails.
pub async fn get(db: &mut Db, scope: &Scope, domain: &DomainId, which: Which) -> Result<Option<Evidence>, StoreError> {
    let values = args![domain, which.as_str(), &scope.partner, scope.world.as_str()];
    db.find("WHERE domain_id = $1 AND which = $2 AND partner = $3 AND world = $4", values).await
}

/// The last look at each of an order's domains that was looked at.
///
/// # Errors
/// When the database fails.
pub async fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Evidence>, StoreError> {
    let rest =
        "WHERE which = 'latest' AND domain_id IN (SELECT id FROM domains WHERE order_id = $1) ORDER BY domain_id";
    db.find_all(rest, args![order]).await
}

/// What the last looks at an order's domains have come to, by domain.
///
/// # Errors
/// When the database fails.
pub async fn summaries(db: &mut Db, order: &OrderId) -> Result<HashMap<DomainId, Vec<Summary>>, StoreError> {
    let sql = "SELECT domain_id, summary FROM evidence WHERE which = 'latest'
               AND domain_id IN (SELECT id FROM domains WHERE order_id = $1)";
    let rows = db.all(sql, args![order]).await?;
    let one = |row: &Row| {
        let mut cells = Cells::new("evidence", row);
        Ok((cells.id()?, <Json as Column<_>>::take(&mut cells)?))
    };
    rows.iter().map(one).collect()
}

impl Tx {
    /// Puts looks in the place of those before them.
    pub(crate) async fn keep_looks(&mut self, looks: &[Evidence]) -> Result<(), Halt> {
        for chunk in looks.chunks(self.rows_at_once(Evidence::COLUMNS.len())) {
            let mut sql = format!("INSERT INTO evidence ({}) VALUES ", Evidence::COLUMNS.join(", "));
            self.backend().push_rows(&mut sql, chunk.len(), Evidence::COLUMNS.len());
            sql += " ON CONFLICT (domain_id, which) DO UPDATE SET checked_at = excluded.checked_at, summary = excluded.summary, document = excluded.document";
            let values = chunk.iter().flat_map(|look| look.values(&self.vault)).collect();
            self.run(AssertSqlSafe(sql), values).await?;
        }
        Ok(())
    }
}
