//! The ledger: lines are inserted, never changed.

use model::clock::Time;
use model::id::{DomainId, LineId, OrderId};
use model::ledger::{Line, LineKind, PaidFor, Sum, gives_back};
use model::world::{Scope, World};

use crate::between;
use crate::column::{Key, Name};
use crate::db::{Cells, Db, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::Record;
use crate::table::table;

table! {
    Line as line in "ledger"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        order_id from order: Key,
        domain_id from domain: Key,
        kind: Name,
        period: String,
        quantity: i64,
        unit_cents: i64,
        amount_cents: i64,
        created_at: Time,
        user_id from user: Option<Key>,
        period_start: Option<Time> = line.paid_for.map(|time| time.start),
        period_end: Option<Time> = line.paid_for.map(|time| time.end),
        reverses: Option<Key>,
    }
    read {
        paid_for: period_start.zip(period_end).map(|(start, end)| PaidFor { start, end }),
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
    let sql = "SELECT period, kind, unit_cents, CAST(SUM(quantity) AS BIGINT), CAST(SUM(amount_cents) AS BIGINT),
            MIN(domain_id)
        FROM ledger WHERE order_id = $1 GROUP BY period, kind, unit_cents";
    let rows = db.all(sql, args![order]).await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(Line::TABLE, row);
            let period = cells.text()?;
            let gives_back = gives_back(&period);
            Ok(Sum {
                period,
                kind: cells.named(LineKind::parse)?,
                unit_cents: cells.int()?,
                quantity: cells.int()?,
                amount_cents: cells.int()?,
                // Each of these has a period of its own.
                given_back: Some(cells.id()?).filter(|_| gives_back),
            })
        })
        .collect()
}

/// What the list of lines can be narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    pub domain: Option<String>,
    pub order: Option<String>,
    pub user: Option<String>,
    pub kind: Option<LineKind>,
    /// Only lines booked at or after this partner time.
    pub after: Option<Time>,
    /// Only lines booked before this partner time.
    pub before: Option<Time>,
}

/// A page of lines, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Line>, StoreError> {
    let within = between::ids::<LineId>(db, scope, Line::TABLE, filter.after, filter.before).await?;
    let Some((from, to)) = within else { return Ok(vec![]) };
    let narrowed = Narrowed::to(db, scope)
        .equal("domain_id", filter.domain.clone())
        .equal("order_id", filter.order.clone())
        .equal("user_id", filter.user.clone())
        .equal("kind", filter.kind.map(LineKind::as_str))
        .between("created_at", filter.after, filter.before)
        .ids(from, to);
    page.rows(db, narrowed).await
}
