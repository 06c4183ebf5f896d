//! API keys.

use model::clock::Time;
use model::id::{KeyId, PartnerId};
use model::partner::{ApiKey, Partner};
use sqlx::AssertSqlSafe;

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::StoreError;
use crate::record::{Record as _, all_of};
use crate::seal::Vault;
use crate::table::table;

table! {
    ApiKey in "api_keys"
    fixed {
        id: Key,
        partner: Key,
        environment: Name,
        preset: Name,
        hash: String,
        hint: String,
        created_at: Time,
    }
    changing {
        rate_per_minute: Option<i64>,
        spend_limit_cents: Option<i64>,
        revoked_at: Option<Time>,
    }
}

/// How a key is hashed before it is stored or looked up.
#[must_use]
pub fn hash(vault: &Vault, key: &str) -> String {
    vault.keyed_hash("api key", key.as_bytes())
}

/// The record and partner of a key that is not revoked. Looking up a keyed hash tells an attacker
/// nothing by its timing: they cannot choose the hash.
pub async fn authenticate(db: &mut Db, key: &str) -> Result<Option<(ApiKey, Partner)>, StoreError> {
    let hash = hash(&db.vault, key);
    with_partner(db, "hash", args![hash]).await
}

/// The record and partner of a key, as long as it is not revoked: for what outlives the moment it was shown in.
pub async fn of_id(db: &mut Db, id: &KeyId) -> Result<Option<(ApiKey, Partner)>, StoreError> {
    with_partner(db, "id", args![id]).await
}

/// Both with one statement: every call asks for them.
async fn with_partner(db: &mut Db, by: &str, value: Vec<Value>) -> Result<Option<(ApiKey, Partner)>, StoreError> {
    let (key, partner) = (all_of::<ApiKey>("k"), all_of::<Partner>("p"));
    let sql = format!(
        "SELECT {key}, {partner} FROM api_keys k JOIN partners p ON p.id = k.partner
        WHERE k.{by} = $1 AND k.revoked_at IS NULL"
    );
    let Some(row) = db.one(AssertSqlSafe(sql), value).await? else { return Ok(None) };
    let mut cells = Cells::new(ApiKey::TABLE, &row);
    let key = ApiKey::read(&mut cells)?;
    Ok(Some((key, Partner::read(&mut cells.then(Partner::TABLE))?)))
}

/// The partner of a key, as long as the key is not revoked.
pub async fn partner_of(db: &mut Db, key: &KeyId) -> Result<Option<Partner>, StoreError> {
    Ok(of_id(db, key).await?.map(|(_, partner)| partner))
}

/// A key that is not revoked, nor will be until the commit: whoever changes its record waits for all that write
/// with it, and they for whoever waits already. On PostgreSQL this lock, other than that of a row, needs no
/// transaction number (see [`crate::turn`]), and a flood of calls cannot keep a revocation waiting.
pub async fn hold(tx: &mut Tx, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
    if let Some(sql) = tx.backend().hold_shared() {
        tx.one(sql, args![id]).await?;
    }
    tx.find("WHERE id = $1 AND revoked_at IS NULL", args![id]).await
}

/// The same together with its partner in the sandbox, which stays as it is until the commit: every order asks for both.
pub async fn hold_with_partner(
    tx: &mut Tx,
    id: &KeyId,
    partner: &PartnerId,
) -> Result<Option<(ApiKey, Partner)>, StoreError> {
    if let Some(sql) = tx.backend().hold_both_shared() {
        tx.one(sql, args![id, partner]).await?;
    }
    of_id(tx, id).await
}

/// Waits until nobody writes with a key, and keeps everybody from it until the commit.
pub(crate) async fn hold_alone(tx: &mut Tx, id: &KeyId) -> Result<(), StoreError> {
    match tx.backend().hold_alone() {
        Some(sql) => tx.one(sql, args![id]).await.map(drop),
        None => Ok(()),
    }
}

/// A key's record, revoked or not.
pub async fn get(db: &mut Db, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// A partner's keys, or everybody's; oldest first.
pub async fn list(db: &mut Db, partner: Option<&PartnerId>) -> Result<Vec<ApiKey>, StoreError> {
    match partner {
        Some(partner) => db.find_all("WHERE partner = $1 ORDER BY id", args![partner]).await,
        None => db.find_all("ORDER BY id", vec![]).await,
    }
}
