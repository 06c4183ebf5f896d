//! What names and seats cost, and what is charged for them: purchases beside the ledger's lines.

use std::collections::BTreeMap;

use model::clock::Time;
use model::id::{LineId, OrderId, PartnerId};
use model::ledger::LineKind;
use model::money::Cents;
use sqlx::AssertSqlSafe;

use crate::db::{Cells, Db, Value};
use crate::error::StoreError;

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Calendar months (UTC), such as `2026-05`.
    Month,
    /// Orders, by their ids.
    Order,
}

/// What of it.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Live keys' money, or sandboxes'.
    pub live: bool,
    /// Only this partner's.
    pub partner: Option<PartnerId>,
    /// How many sums at most, the newest.
    pub limit: i64,
}

/// What names and seats cost and bring in a month or an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Of which month or order.
    pub of: String,
    /// What partners are charged for names, and for licences whose seats are bought, credits taken off, in cents.
    pub price_cents: Cents,
    /// What was paid to vendors for them; where a vendor does not say what it took, the most that it may have been.
    pub cost_cents: Cents,
    /// What purchases that are not known for certain may cost besides.
    pub open_cents: Cents,
}

impl Sum {
    /// What is left.
    #[must_use]
    pub const fn margin_cents(&self) -> Cents {
        self.price_cents - self.cost_cents
    }
}

/// What is charged for a name, and what was paid for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The ledger's line.
    pub line: LineId,
    /// The order that it belongs to.
    pub order: OrderId,
    /// The name.
    pub name: String,
    /// What for.
    pub kind: LineKind,
    /// When it was booked, partner time.
    pub booked_at: Time,
    /// What the partner is charged, in cents.
    pub price_cents: Cents,
    /// What was paid to the vendor, in cents, or the most that it may have been; `None` while nothing was bought.
    pub cost_cents: Option<Cents>,
    /// What a purchase that is not known for certain may cost besides.
    pub open_cents: Option<Cents>,
}

impl Paid {
    /// What is left; `None` while nothing was bought.
    #[must_use]
    pub fn margin_cents(&self) -> Option<Cents> {
        self.cost_cents.map(|cost| self.price_cents - cost)
    }
}

/// The purchase that a line is charged for: a domain is bought once, for the last line that it has of that, as one that was given up for
/// lost and came after all has two; and a further term is told by its end.
const ITS_PURCHASE: &str =
    "bought.domain_id = line.domain_id AND ((line.kind = 'domain_registration' AND bought.kind = 'register'
        AND line.id = (SELECT MAX(other.id) FROM ledger AS other WHERE other.order_id = line.order_id
            AND other.domain_id = line.domain_id AND other.kind = line.kind))
    OR (line.kind = 'domain_renewal' AND bought.kind = 'renew' AND bought.paid_until = line.period_end)
    OR (line.kind IN ('google_license', 'microsoft_license') AND bought.kind = 'seat'
        AND (bought.ended_at IS NULL OR bought.ended_at > line.created_at)))";

/// What a purchase costs; nobody knows it of seats whose price the operator has not said.
const ITS_COST: &str = "CASE WHEN bought.kind = 'seat' THEN NULLIF(COALESCE(bought.paid_cents, bought.most_cents), 0)
        ELSE COALESCE(bought.paid_cents, bought.most_cents) END";

/// Whether a line is charged for something that is bought: a name, or a licence in a tenant whose seats are.
fn is_bought(line: &str) -> String {
    format!(
        "({line}.kind IN ('domain_registration', 'domain_renewal') OR ({line}.kind IN ('google_license', 'microsoft_license')
            AND EXISTS (SELECT 1 FROM intents AS seat WHERE seat.domain_id = {line}.domain_id AND seat.kind = 'seat'
                AND seat.state <> 'not_bought')))"
    )
}

/// The charges for names with what each has cost, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_lines(db: &mut Db, filter: &Filter) -> Result<Vec<Paid>, StoreError> {
    let world = if filter.live { "line.world = 'live'" } else { "line.world <> 'live'" };
    let partner = if filter.partner.is_some() { " AND line.partner = $2" } else { "" };
    let spent = |state: &str| {
        format!(
            "(SELECT CAST(SUM({ITS_COST}) AS BIGINT) FROM intents AS bought
                WHERE {ITS_PURCHASE} AND bought.state = '{state}')"
        )
    };
    let sql = format!(
        "SELECT line.id, line.order_id, COALESCE((SELECT name FROM domains WHERE domains.id = line.domain_id), ''), line.kind,
            line.created_at, line.amount_cents, {}, {} FROM ledger AS line
            WHERE {world}{partner} AND {}
            ORDER BY line.created_at DESC, line.id DESC LIMIT $1",
        spent("bought"),
        spent("open"),
        is_bought("line")
    );
    let values = [Value::from(filter.limit)].into_iter().chain(filter.partner.iter().map(Value::from));
    let rows = db.all(AssertSqlSafe(sql), values.collect()).await?;
    rows.iter().map(paid).collect()
}

fn paid(row: &crate::row::Row) -> Result<Paid, StoreError> {
    let mut cells = Cells::new("costs", row);
    Ok(Paid {
        line: cells.id()?,
        order: cells.id()?,
        name: cells.text()?,
        kind: cells.named(LineKind::parse)?,
        booked_at: cells.time()?,
        price_cents: cells.int()?,
        cost_cents: cells.int_or_null()?,
        open_cents: cells.int_or_null()?,
    })
}

/// A microsecond's month, in words that SQLite and PostgreSQL both understand, is worked out here.
const MICROS_OF_DAY: i64 = 86_400_000_000;

/// The sums, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn sums(db: &mut Db, by: By, filter: &Filter) -> Result<Vec<Sum>, StoreError> {
    let mut all: BTreeMap<String, Sum> = BTreeMap::new();
    let world = if filter.live { "world = 'live'" } else { "world <> 'live'" };
    let partner = if filter.partner.is_some() { " AND partner = $1" } else { "" };
    let values = || filter.partner.iter().map(Value::from).collect::<Vec<_>>();
    let charged = format!(
        "SELECT {}, CAST(SUM(amount_cents) AS BIGINT) FROM ledger WHERE {world}{partner} AND ({}
            OR (kind = 'credit' AND reverses IN (SELECT id FROM ledger AS charge WHERE {}))) GROUP BY 1",
        key(by, "created_at"),
        is_bought("ledger"),
        is_bought("charge")
    );
    for row in db.all(AssertSqlSafe(charged), values()).await? {
        let (of, cents) = read(by, &row)?;
        all.entry(of).or_default().price_cents += cents;
    }
    for (state, open) in [("bought", false), ("open", true)] {
        let spent = format!(
            "SELECT {}, CAST(SUM(COALESCE(paid_cents, most_cents)) AS BIGINT) FROM intents WHERE {world}{partner}
                AND state = '{state}' AND kind <> 'seat' GROUP BY 1",
            key(by, "opened_at")
        );
        // Seats cost as often as their licences are charged.
        let held = format!(
            "SELECT {}, CAST(SUM(COALESCE(bought.paid_cents, bought.most_cents)) AS BIGINT) FROM ledger AS line
                JOIN intents AS bought ON {ITS_PURCHASE} AND bought.state = '{state}' AND bought.kind = 'seat'
                WHERE line.{world}{} GROUP BY 1",
            key(by, "line.created_at").replace("order_id", "line.order_id"),
            partner.replace("partner", "line.partner")
        );
        let rows = [db.all(AssertSqlSafe(spent), values()).await?, db.all(AssertSqlSafe(held), values()).await?];
        for row in rows.into_iter().flatten() {
            let (of, cents) = read(by, &row)?;
            let sum = all.entry(of).or_default();
            let place = if open { &mut sum.open_cents } else { &mut sum.cost_cents };
            *place += cents;
        }
    }
    let newest = all.into_iter().rev().map(|(of, sum)| Sum { of, ..sum });
    Ok(newest.take(usize::try_from(filter.limit).unwrap_or(usize::MAX)).collect())
}

/// Days are grouped by the database, and months of them here: it knows no calendar that both would agree on.
fn key(by: By, at: &str) -> String {
    match by {
        By::Month => format!("{at} / {MICROS_OF_DAY}"),
        By::Order => "COALESCE(order_id, '')".to_owned(),
    }
}

fn read(by: By, row: &crate::row::Row) -> Result<(String, Cents), StoreError> {
    let mut cells = Cells::new("costs", row);
    let of = match by {
        By::Month => {
            let day = model::clock::Time(cells.int()?.saturating_mul(MICROS_OF_DAY));
            day.date().chars().take(7).collect()
        }
        By::Order => cells.text()?,
    };
    Ok((of, cells.int()?))
}
