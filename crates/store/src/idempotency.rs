//! Requests that were accepted and must not be accepted twice.

use model::clock::Time;
use model::idempotency::{Remembered, WINDOW};
use model::world::{Scope, World};

use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::{Halt, StoreError};
use crate::record::Record;
use crate::seal::Vault;

impl Record for Remembered {
    const TABLE: &'static str = "remembered";
    const COLUMNS: &'static [&'static str] = &["partner", "world", "key", "fingerprint", "answer", "created_at"];
    const FIXED: usize = 6;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.partner,
            self.world.as_str(),
            self.key.as_str(),
            self.fingerprint.as_str(),
            self.answer.as_str(),
            self.created_at
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            key: cells.text()?,
            fingerprint: cells.text()?,
            answer: cells.text()?,
            created_at: cells.time()?,
            yields: false,
        })
    }
}

/// The accepted request with this key, if it still counts at a partner time.
pub async fn peek(db: &mut Db, scope: &Scope, key: &str, partner_now: Time) -> Result<Option<Remembered>, StoreError> {
    let rest = "WHERE partner = $1 AND world = $2 AND key = $3";
    let found: Option<Remembered> = db.find(rest, args![&scope.partner, scope.world.as_str(), key]).await?;
    Ok(found.filter(|one| one.is_fresh(partner_now)))
}

/// Keeps an accepted request. It may take the place of one that no longer counts; meeting one that
/// does is a clash, after which the closure finds it by [`peek`].
pub(crate) async fn keep(tx: &mut Tx, remembered: &Remembered) -> Result<(), Halt> {
    let sql =
        "INSERT INTO remembered (partner, world, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (partner, world, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = excluded.created_at
        WHERE remembered.created_at <= $7";
    let mut values = remembered.values(&tx.vault);
    let replaceable = if remembered.yields { remembered.created_at } else { remembered.created_at.plus(-WINDOW) };
    values.push(Value::from(replaceable));
    if tx.run(sql, values).await? == 0 { Err(Halt::Clash) } else { Ok(()) }
}
