//! API keys.

use model::id::{KeyId, PartnerId};
use model::partner::{ApiKey, Partner, Preset};
use model::world::Environment;

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::partners;
use crate::record::Record;
use crate::seal::Vault;

impl Record for ApiKey {
    const TABLE: &'static str = "api_keys";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "environment",
        "preset",
        "hash",
        "hint",
        "created_at",
        "rate_per_minute",
        "spend_limit_cents",
        "revoked_at",
        "version",
    ];
    const FIXED: usize = 7;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.environment.as_str(),
            self.preset.as_str(),
            self.hash.as_str(),
            self.hint.as_str(),
            self.created_at,
            self.rate_per_minute,
            self.spend_limit_cents,
            self.revoked_at,
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            environment: cells.named(Environment::parse)?,
            preset: cells.named(Preset::parse)?,
            hash: cells.text()?,
            hint: cells.text()?,
            created_at: cells.time()?,
            rate_per_minute: cells.int_or_null()?,
            spend_limit_cents: cells.int_or_null()?,
            revoked_at: cells.time_or_null()?,
            version: cells.int()?,
        })
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
    let Some(key) = db.find::<ApiKey>("WHERE hash = $1 AND revoked_at IS NULL", args![hash]).await? else {
        return Ok(None);
    };
    let partner = partners::get(db, &key.partner).await?;
    Ok(partner.map(|partner| (key, partner)))
}

/// The partner of a key, as long as the key is not revoked: for what outlives the request it was shown in.
pub async fn partner_of(db: &mut Db, key: &KeyId) -> Result<Option<Partner>, StoreError> {
    match db.find::<ApiKey>("WHERE id = $1 AND revoked_at IS NULL", args![key]).await? {
        Some(key) => partners::get(db, &key.partner).await,
        None => Ok(None),
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
