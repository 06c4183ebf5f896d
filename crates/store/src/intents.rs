//! Purchases that may happen, and what became of them.

use model::caps::{Span, Usage};
use model::clock::Time;
use model::id::{DomainId, IntentId, PartnerId};
use model::intent::{Intent, IntentState};
use model::money::Cents;
use model::world::World;
use sqlx::AssertSqlSafe;

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::record::Record;
use crate::table::table;
use crate::trouble::of_today;

table! {
    Intent in "intents"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        kind: Name,
        account: String,
        name: String,
        domain_id from domain: Key,
        order_id from order: Option<Key>,
        run_id from run: Key,
        reference: String,
        opened_at: Time,
        most_cents: i64,
    }
    changing {
        state: Name,
        seats: Option<i64>,
        ended_at: Option<Time>,
        asked_at: Option<Time>,
        paid_until: Option<Time>,
        vendor_id: Option<String>,
        paid_cents: Option<i64>,
        closed_at: Option<Time>,
    }
}

/// An intent by id.
pub async fn load(db: &mut Db, id: &IntentId) -> Result<Option<Intent>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// The open intent of a purchase.
pub async fn open(db: &mut Db, reference: &str) -> Result<Option<Intent>, StoreError> {
    db.find("WHERE reference = $1 AND state = 'open'", args![reference]).await
}

/// The newest intent of a purchase, whatever became of it.
pub async fn newest(db: &mut Db, reference: &str) -> Result<Option<Intent>, StoreError> {
    db.find("WHERE reference = $1 ORDER BY id DESC LIMIT 1", args![reference]).await
}

/// The newest intent of another term of a domain, whatever became of it.
pub async fn newest_renewal(db: &mut Db, domain: &DomainId) -> Result<Option<Intent>, StoreError> {
    db.find("WHERE domain_id = $1 AND kind = 'renew' ORDER BY id DESC LIMIT 1", args![domain]).await
}

/// The seats of a domain that may be paid for now.
pub async fn seats_of(db: &mut Db, domain: &DomainId) -> Result<Vec<Intent>, StoreError> {
    let rest = "WHERE domain_id = $1 AND kind = 'seat' AND state <> 'not_bought' AND ended_at IS NULL ORDER BY id";
    db.find_all(rest, args![domain]).await
}

/// Those of names that have been open since a server time or longer, the oldest first, so many at most. Seats are found again at
/// their host, and nothing is lost while they are open.
pub async fn open_since(db: &mut Db, since: Time, limit: i64) -> Result<Vec<Intent>, StoreError> {
    let rest = format!(
        "WHERE state = 'open' AND opened_at <= $1 AND kind <> 'seat' AND {} ORDER BY opened_at, id LIMIT $2",
        of_today("intents")
    );
    db.find_all(&rest, args![since, limit]).await
}

/// What is spent of caps on real money: what was paid since the span began, and the most that may still be.
pub async fn usage(db: &mut Db, caps: &[(Option<String>, Span, Cents)], now: Time) -> Result<Vec<Usage>, StoreError> {
    let mut all = vec![];
    for (account, span, cap_cents) in caps {
        let mut spent_cents = spent(db, span.began(now), account.as_deref()).await?;
        if *span == Span::Month {
            spent_cents += held_seats(db, span.began(now), account.as_deref()).await?;
        }
        all.push(Usage { account: account.clone(), span: *span, cap_cents: *cap_cents, spent_cents });
    }
    Ok(all)
}

/// What seats cost in the month that began at a server time, of those that were bought before and not given back by then.
pub async fn held_seats(db: &mut Db, since: Time, account: Option<&str>) -> Result<Cents, StoreError> {
    let narrowed = if account.is_some() { " AND account = $2" } else { "" };
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(COALESCE(paid_cents, most_cents)), 0) AS BIGINT) FROM intents
            WHERE world = 'live' AND kind = 'seat' AND state = 'bought' AND opened_at < $1
            AND (ended_at IS NULL OR ended_at >= $1){narrowed}"
    );
    let mut values = args![since];
    values.extend(account.map(Value::from));
    let row = db.one(AssertSqlSafe(sql), values).await?;
    row.map_or(Ok(0), |row| Cells::new(Intent::TABLE, &row).int())
}

/// What was or may have been spent of real money since a server time, at one account or at all.
pub async fn spent(db: &mut Db, since: Time, account: Option<&str>) -> Result<Cents, StoreError> {
    let narrowed = if account.is_some() { " AND account = $2" } else { "" };
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(COALESCE(paid_cents, most_cents)), 0) AS BIGINT) FROM intents
            WHERE world = 'live' AND opened_at >= $1 AND state <> 'not_bought'{narrowed}"
    );
    let mut values = args![since];
    values.extend(account.map(Value::from));
    let row = db.one(AssertSqlSafe(sql), values).await?;
    row.map_or(Ok(0), |row| Cells::new(Intent::TABLE, &row).int())
}

/// The names that were bought with live keys, and those that may have been.
pub async fn certain(db: &mut Db) -> Result<Vec<Intent>, StoreError> {
    db.find_all("WHERE world = 'live' AND state <> 'not_bought' AND kind <> 'seat' ORDER BY id", args![]).await
}

/// Which intents the operator looks for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<IntentState>,
    /// Only this partner's.
    pub partner: Option<PartnerId>,
}

/// The newest intents of worlds that no reset has erased, newest first.
pub async fn list(db: &mut Db, filter: &Filter, limit: i64) -> Result<Vec<Intent>, StoreError> {
    let (mut conditions, mut values): (Vec<String>, Vec<Value>) = (vec![of_today("intents")], vec![]);
    if let Some(state) = filter.state {
        values.push(Value::from(state.as_str()));
        conditions.push(format!("state = ${}", values.len()));
    }
    if let Some(partner) = &filter.partner {
        values.push(Value::from(partner));
        conditions.push(format!("partner = ${}", values.len()));
    }
    values.push(Value::from(limit));
    let rest = format!("WHERE {} ORDER BY id DESC LIMIT ${}", conditions.join(" AND "), values.len());
    db.find_all(&rest, values).await
}
