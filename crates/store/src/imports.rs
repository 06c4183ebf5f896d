//! Import jobs and their rows.

use std::fmt::Write as _;

use model::clock::Time;
use model::id::{DomainId, ImportId};
use model::import::{Import, ImportRow, ImportRowStatus, Tally};
use model::world::{Scope, World};

use crate::column::{Json, Key, Known, Name};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::StoreError;
use crate::record::{Record, select};
use crate::table::table;

table! {
    Import in "imports"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        fingerprint: String,
        replace_live_mail: bool,
    }
    changing {
        newest: bool,
        status: Name,
        domain_count: i64,
        completed_count: i64,
        failed_count: i64,
        last_event: Option<Key>,
        completed_at: Option<Time>,
    }
}

table! {
    ImportRow as row in "import_rows"
    fixed {
        written id: String = format!("{}/{}", row.import, row.position),
        import_id from import: Key,
        position: i64,
        partner: Key,
        world: World,
        name: String,
        domain_id from domain: Option<Key>,
    }
    changing {
        status: Name,
        reason: Known,
        nameservers: Json,
        asking: bool,
    }
}

/// One by id, as a request sees it.
pub async fn get(db: &mut Db, scope: &Scope, id: &ImportId) -> Result<Option<Import>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// One by id, locked until the commit.
pub async fn lock(tx: &mut Tx, id: &ImportId) -> Result<Option<Import>, StoreError> {
    let rest = format!("WHERE id = $1{}", tx.backend().for_update());
    let row = tx.one(select::<Import>(&rest), args![id]).await?;
    row.map(|row| Import::read(&mut Cells::new(Import::TABLE, &row))).transpose()
}

/// A job's rows, in the order sent.
pub async fn rows(db: &mut Db, id: &ImportId) -> Result<Vec<ImportRow>, StoreError> {
    db.find_all("WHERE import_id = $1 ORDER BY position", args![id]).await
}

/// The row of a domain in the job that made it.
pub async fn row_of(db: &mut Db, domain: &DomainId) -> Result<Option<ImportRow>, StoreError> {
    db.find("WHERE domain_id = $1", args![domain]).await
}

/// How many of a job's rows are where, as far as its status depends on it. What has ended is counted in the job, which
/// is locked; two that are asked about stand for any more.
pub async fn tally(db: &mut Db, import: &Import) -> Result<Tally, StoreError> {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM (
            SELECT 1 AS one FROM import_rows WHERE import_id = $1 AND asking = 1 AND status = $2 LIMIT 2
        ) few";
    let row = db.one(sql, args![&import.id, ImportRowStatus::WaitingForNameservers.as_str()]).await?;
    let asking = row.map_or(Ok(0), |row| Cells::new(ImportRow::TABLE, &row).int())?;
    let (connected, failed) = (import.completed_count, import.failed_count);
    Ok(Tally { asking, connected, failed, waiting: import.domain_count - connected - failed - asking })
}

/// A job with its rows, as they stood at one moment: what is counted in the job is what its rows say.
pub async fn in_full(db: &mut Db, mut import: Import) -> Result<(Import, Vec<ImportRow>), StoreError> {
    loop {
        let rows = rows(db, &import.id).await?;
        match db.find::<Import>("WHERE id = $1", args![&import.id]).await? {
            Some(after) if after.version != import.version => import = after,
            _ => return Ok((import, rows)),
        }
    }
}

/// The newest job for a set of names.
pub async fn newest_of_set(db: &mut Db, scope: &Scope, fingerprint: &str) -> Result<Option<Import>, StoreError> {
    let rest = "WHERE partner = $1 AND world = $2 AND fingerprint = $3 AND newest = 1";
    db.find(rest, args![&scope.partner, scope.world.as_str(), fingerprint]).await
}

/// The newest job that holds all of these names, each of which is given once.
pub async fn newest_with(db: &mut Db, scope: &Scope, names: &[String]) -> Result<Option<Import>, StoreError> {
    let mut inner = "SELECT import_id FROM import_rows WHERE partner = $1 AND world = $2 AND name IN (".to_owned();
    let mut values = args![&scope.partner, scope.world.as_str()];
    for name in names {
        values.push(Value::from(name.as_str()));
        let _ = write!(inner, "{}${}", if values.len() == 3 { "" } else { ", " }, values.len());
    }
    values.push(Value::from(i64::try_from(names.len()).unwrap_or(i64::MAX)));
    let rest = format!(
        "WHERE id = ({inner}) GROUP BY import_id HAVING COUNT(DISTINCT name) = ${} ORDER BY import_id DESC LIMIT 1)",
        values.len()
    );
    db.find(&rest, values).await
}
