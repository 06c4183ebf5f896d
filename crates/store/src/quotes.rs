//! Quotes.

use model::clock::Time;
use model::id::{KeyId, QuoteId};
use model::quote::{InTheWay, MOST_KEPT, Quote};
use model::world::{Scope, World};

use crate::column::{Json, Key};
use crate::db::{Cells, Db, args};
use crate::error::StoreError;
use crate::record::Record;
use crate::table::table;

table! {
    Quote in "quotes"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        total_cents: i64,
        // Once the whole answer; nobody reads it.
        written data: String = String::new(),
        names: Json,
        held: Json,
        expires_at: Time,
        api_key from key: Option<Key>,
    }
}

/// A quote by id.
pub async fn get(db: &mut Db, scope: &Scope, id: &QuoteId) -> Result<Option<Quote>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// How many rows give way to one new quote at most.
const GIVE_WAY: i64 = 100;

/// The quotes of a key that are one too many with one more: all but the newest, newest first, a bounded number of them.
pub async fn in_the_way(db: &mut Db, scope: &Scope, key: &KeyId) -> Result<Vec<InTheWay>, StoreError> {
    let sql = "SELECT id, expires_at FROM quotes WHERE partner = $1 AND world = $2 AND api_key = $3
        ORDER BY id DESC LIMIT $4 OFFSET $5";
    let rows = db.all(sql, args![&scope.partner, scope.world.as_str(), key, GIVE_WAY, MOST_KEPT - 1]).await?;
    let read = |row| {
        let mut cells = Cells::new(Quote::TABLE, row);
        Ok(InTheWay { id: cells.id()?, expires_at: cells.time()? })
    };
    rows.iter().map(read).collect()
}
