//! Quotes.

use model::id::{KeyId, QuoteId};
use model::quote::{InTheWay, MOST_KEPT, Quote};
use model::world::{Scope, World};

use crate::db::{Cells, Db, Value, args, id_or_null, json};
use crate::error::StoreError;
use crate::record::Record;
use crate::seal::Vault;

impl Record for Quote {
    const TABLE: &'static str = "quotes";
    const COLUMNS: &'static [&'static str] =
        &["id", "partner", "world", "created_at", "total_cents", "data", "names", "held", "expires_at", "api_key"];
    const FIXED: usize = 10;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            self.total_cents,
            // Once the whole answer; nobody reads it.
            "",
            json(&self.names),
            json(&self.held),
            self.expires_at,
            id_or_null(self.key.as_ref())
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            total_cents: cells.int()?,
            names: {
                cells.skip(1);
                cells.json()?
            },
            held: cells.json()?,
            expires_at: cells.time()?,
            key: cells.id_or_null()?,
        })
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
