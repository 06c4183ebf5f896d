//! Quotes.

use model::id::QuoteId;
use model::quote::Quote;
use model::world::{Scope, World};

use crate::db::{Cells, Db, Value, args, json};
use crate::error::StoreError;
use crate::record::Record;
use crate::seal::Vault;

impl Record for Quote {
    const TABLE: &'static str = "quotes";
    const COLUMNS: &'static [&'static str] =
        &["id", "partner", "world", "created_at", "total_cents", "data", "names", "held", "expires_at"];
    const FIXED: usize = 9;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            self.total_cents,
            self.data.as_str(),
            json(&self.names),
            json(&self.held),
            self.expires_at
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            total_cents: cells.int()?,
            data: cells.text()?,
            names: cells.json()?,
            held: cells.json()?,
            expires_at: cells.time()?,
        })
    }
}

/// A quote by id.
pub async fn get(db: &mut Db, scope: &Scope, id: &QuoteId) -> Result<Option<Quote>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}
