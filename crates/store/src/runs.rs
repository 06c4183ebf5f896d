//! Runs.

use model::clock::Time;
use model::domain::DomainName;
use model::id::{DomainId, OrderId, RunId};
use model::run::{Run, RunKind};
use model::world::World;

use crate::column::{Json, Key, Name};
use crate::db::{Db, Value, args};
use crate::error::StoreError;
use crate::table::table;

table! {
    Run as run in "runs"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        kind: Name,
        order_id from order: Option<Key>,
        domain_id from domain: Key,
        job: Option<String>,
    }
    changing {
        state: Name,
        step: Name,
        memory: Json,
        steps: Json,
        finished_at: Option<Time>,
        written parked: bool = run.is_parked(),
        written overdue_at: Option<Time> = run.overdue_at(),
    }
}

/// A run by id.
pub async fn load(db: &mut Db, id: &RunId) -> Result<Option<Run>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// A run that was read or written before, as it is now.
pub async fn again(db: &mut Db, known: &Run) -> Result<Option<Run>, StoreError> {
    db.find_again(Value::from(&known.id), (known, known.version)).await
}

/// The same for those of several that nobody else holds, in no order. They are held until the commit.
pub async fn all_free(db: &mut Db, known: &[&Run]) -> Result<Vec<Run>, StoreError> {
    db.find_all_free(known.iter().map(|run| (Value::from(&run.id), *run, run.version)).collect()).await
}

/// An order's runs, oldest first.
pub async fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Run>, StoreError> {
    db.find_all("WHERE order_id = $1 ORDER BY id", args![order]).await
}

/// An order's runs that have not ended, oldest first.
pub async fn open_of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Run>, StoreError> {
    db.find_all("WHERE order_id = $1 AND state IN ('open', 'asking') ORDER BY id", args![order]).await
}

/// A domain's runs, oldest first.
pub async fn of_domain(db: &mut Db, domain: &DomainId) -> Result<Vec<Run>, StoreError> {
    db.find_all("WHERE domain_id = $1 ORDER BY id", args![domain]).await
}

/// Whether somebody looks back at a name that has left: what is left of it may be taken down at any moment.
pub async fn looked_back_at(db: &mut Db, world: &World, name: &DomainName) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM domains d JOIN runs r ON r.domain_id = d.id
        WHERE d.world = $1 AND d.name = $2 AND (d.status = 'failed' OR d.status = 'released')
        AND r.kind = 'look_back' AND r.state IN ('open', 'asking') LIMIT 1";
    Ok(db.one(sql, args![world.as_str(), name.as_str()]).await?.is_some())
}

/// The runs of a kind on a domain that have not ended, in the order of their ids.
pub async fn open_of_domain(db: &mut Db, domain: &DomainId, kind: RunKind) -> Result<Vec<Run>, StoreError> {
    let rest = "WHERE domain_id = $1 AND kind = $2 AND state IN ('open', 'asking') ORDER BY id";
    db.find_all(rest, args![domain, kind.as_str()]).await
}
