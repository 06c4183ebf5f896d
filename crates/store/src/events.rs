//! Events. Inserting one inserts its deliveries and their tasks: see `apply`.

use model::event::{Event, EventKind};
use model::id::EventId;
use model::world::{Scope, World};

use crate::db::{Cells, Db, Value, args, id_or_null};
use crate::error::StoreError;
use crate::page::Page;
use crate::record::Record;
use crate::seal::Vault;

impl Record for Event {
    const TABLE: &'static str = "events";
    const COLUMNS: &'static [&'static str] =
        &["id", "partner", "world", "created_at", "kind", "order_id", "domain_id", "data"];
    const FIXED: usize = 8;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            self.kind.as_str(),
            id_or_null(self.order.as_ref()),
            id_or_null(self.domain.as_ref()),
            self.data.as_str()
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            kind: cells.named(EventKind::parse)?,
            order: cells.id_or_null()?,
            domain: cells.id_or_null()?,
            data: cells.text()?,
        })
    }
}

/// An event of a scope.
pub async fn get(db: &mut Db, scope: &Scope, id: &EventId) -> Result<Option<Event>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// An event as the engine sees it.
pub async fn load(db: &mut Db, id: &EventId) -> Result<Option<Event>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// The events told after one, oldest first: for catching up. On PostgreSQL an event is shown only when
/// every transaction that may still tell an earlier one has ended, so that none is ever passed over.
pub async fn after(
    db: &mut Db,
    scope: &Scope,
    kind: Option<EventKind>,
    last: &EventId,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let settled = db.backend().settled_positions();
    let mut values = args![&scope.partner, scope.world.as_str(), last, limit];
    let of_kind = match kind {
        Some(kind) => {
            values.push(Value::from(kind.as_str()));
            "AND kind = $5"
        }
        None => "",
    };
    let rest = format!(
        "WHERE partner = $1 AND world = $2 {settled} {of_kind}
         AND (position, id) > (SELECT e.position, e.id FROM events e WHERE e.id = $3)
         ORDER BY position, id LIMIT $4"
    );
    db.find_all(&rest, values).await
}

/// A page of events, newest first.
pub async fn list(db: &mut Db, scope: &Scope, kind: Option<EventKind>, page: &Page) -> Result<Vec<Event>, StoreError> {
    page.find(db, scope, &[("kind", kind.map(|kind| kind.as_str().to_owned()))]).await
}
