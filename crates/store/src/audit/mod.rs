//! The audit trail: entries are added and never changed, which the schema holds; that none is missing, the seals do.

use model::audit::{Act, Entry, Origin, Who};
use model::clock::Time;
use model::id::{AuditId, Id as _, PartnerId, lowest_at};
use model::world::Environment;

use crate::db::{Cells, Db, Tx, Value, args};
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::seal::Vault;

mod check;
mod seals;

pub use check::{Finding, Report, check};
pub use seals::{PIECE, is_known, seal};

/// The columns that are read, in their order.
const COLUMNS: &str = "id, at, act, who, api_key, partner, environment, subject, request_id, address, command, system_user, hash, position";

/// An entry as it is kept.
struct Kept {
    entry: Entry,
    hash: String,
    position: i64,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those about this partner's records.
    pub partner: Option<PartnerId>,
    /// Only those about what has this id.
    pub subject: Option<String>,
    /// Only those older than this one.
    pub before: Option<AuditId>,
    /// Only those at this time or later, server time.
    pub since: Option<Time>,
    /// Only those before this time, server time.
    pub until: Option<Time>,
}

/// Adds an entry.
///
/// # Errors
/// When it cannot be written.
pub async fn append(tx: &mut Tx, entry: &Entry) -> Result<(), StoreError> {
    let position = match tx.backend() {
        Backend::Sqlite => "(SELECT COALESCE(MAX(position), 0) + 1 FROM audit)",
        Backend::Postgres => "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)",
    };
    let sql = format!(
        "INSERT INTO audit ({COLUMNS}) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, {position}"
    );
    let Entry { id, at, act, who, key, partner, environment, subject, origin } = entry;
    let Origin { request, address, command, system_user } = origin;
    let values = vec![
        id.into(),
        (*at).into(),
        act.as_str().into(),
        who.as_str().into(),
        key.as_ref().map(|id| id.as_str()).into(),
        partner.as_ref().map(|id| id.as_str()).into(),
        environment.map(Environment::as_str).into(),
        subject.as_deref().into(),
        request.as_ref().map(|id| id.as_str()).into(),
        address.map(|address| address.to_string()).into(),
        command.as_deref().into(),
        system_user.as_deref().into(),
        hash(&tx.vault, entry).into(),
    ];
    tx.insert_later(sql, values, 1).await
}

/// The newest entries, newest first.
///
/// # Errors
/// When they cannot be read.
pub async fn list(db: &mut Db, filter: &Filter, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let (mut conditions, mut values): (Vec<String>, Vec<Value>) = (vec![], vec![]);
    let mut narrow = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{condition} ${}", values.len()));
        }
    };
    narrow("partner =", filter.partner.as_ref().map(Value::from));
    narrow("subject =", filter.subject.as_deref().map(Value::from));
    narrow("id <", filter.before.as_ref().map(Value::from));
    narrow("id >=", filter.since.map(|time| Value::from(&lowest_at::<AuditId>(time))));
    narrow("id <", filter.until.map(|time| Value::from(&lowest_at::<AuditId>(time))));
    values.push(Value::from(limit));
    let wanted = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!("SELECT {COLUMNS} FROM audit {wanted} ORDER BY id DESC LIMIT ${}", values.len());
    let rows = db.all(sqlx::AssertSqlSafe(sql), values).await?;
    rows.iter().map(|row| read(&mut Cells::new("audit", row)).map(|kept| kept.entry)).collect()
}

/// The keyed hash of what an entry says.
fn hash(vault: &Vault, entry: &Entry) -> String {
    vault.keyed_hash("audit entry", entry.text().as_bytes())
}

fn read(cells: &mut Cells<'_>) -> Result<Kept, StoreError> {
    let entry = Entry {
        id: cells.id()?,
        at: cells.time()?,
        act: cells.named(Act::parse)?,
        who: cells.named(Who::parse)?,
        key: cells.id_or_null()?,
        partner: cells.id_or_null()?,
        environment: cells.text_or_null()?.as_deref().and_then(Environment::parse),
        subject: cells.text_or_null()?,
        origin: Origin {
            request: cells.id_or_null()?,
            address: cells.text_or_null()?.and_then(|text| text.parse().ok()),
            command: cells.text_or_null()?,
            system_user: cells.text_or_null()?,
        },
    };
    Ok(Kept { entry, hash: cells.text()?, position: cells.int()? })
}

/// Entries behind a place, in the order in which they are sealed; `below` is where those may still come that are not
/// there yet.
async fn behind(db: &mut Db, place: &Place, below: Option<i64>, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE position >= $1 AND (position > $1 OR id > $2) AND position < $3
            ORDER BY position, id LIMIT $4"
    );
    let values = args![place.position, place.id.as_str(), below.unwrap_or(i64::MAX), limit];
    let rows = db.all(sqlx::AssertSqlSafe(sql), values).await?;
    rows.iter().map(|row| read(&mut Cells::new("audit", row))).collect()
}

/// A place in the order in which entries are sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    position: i64,
    id: String,
}

impl Kept {
    fn place(&self) -> Place {
        Place { position: self.position, id: self.entry.id.as_str().to_owned() }
    }
}
