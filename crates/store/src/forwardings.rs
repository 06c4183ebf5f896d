//! Forwarding jobs.

use model::clock::Time;
use model::forwarding::Forwarding;
use model::id::ForwardingId;
use model::world::{Scope, World};

use crate::column::{Json, Key, Name};
use crate::db::{Cells, Db, Tx, args};
use crate::error::StoreError;
use crate::record::{Record, select};
use crate::table::table;

table! {
    Forwarding in "forwardings"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        url: String,
    }
    changing {
        status: Name,
        entries: Json,
        completed_at: Option<Time>,
    }
}

/// One by id, as a request sees it.
pub async fn get(db: &mut Db, scope: &Scope, id: &ForwardingId) -> Result<Option<Forwarding>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// One by id, locked until the commit.
pub async fn lock(tx: &mut Tx, id: &ForwardingId) -> Result<Option<Forwarding>, StoreError> {
    let rest = format!("WHERE id = $1{}", tx.backend().for_update());
    let row = tx.one(select::<Forwarding>(&rest), args![id]).await?;
    row.map(|row| Forwarding::read(&mut Cells::new(Forwarding::TABLE, &row))).transpose()
}
