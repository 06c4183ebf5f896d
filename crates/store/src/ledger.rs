//! The ledger: lines are inserted, never changed.

use model::clock::Time;
use model::id::{DomainId, LineId, OrderId};
use model::ledger::{Line, LineKind, PaidFor, Sum, gives_back};
use model::world::{Scope, World};

use crate::between;
use crate::db::{Cells, Db, Value, args, id_or_null};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
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
        "user_id",
        "period_start",
        "period_end",
        "reverses",
    ];
    const FIXED: usize = 15;

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
            self.created_at,
            id_or_null(self.user.as_ref()),
            self.paid_for.map(|time| time.start),
            self.paid_for.map(|time| time.end),
            id_or_null(self.reverses.as_ref())
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
            user: cells.id_or_null()?,
            paid_for: cells.time_or_null()?.zip(cells.time_or_null()?).map(|(start, end)| PaidFor { start, end }),
            reverses: cells.id_or_null()?,
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
