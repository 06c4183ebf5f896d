//! API keys.

use model::audit::Act;
use model::change::Change;
use model::id::KeyId;
use model::money::Cents;
use model::partner::{ApiKey, Partner, Preset};
use model::world::Environment;
use store::{Failure, Halt, keys};

use super::{Did, Operator, Prepared, Put};

/// A key that is not in force yet.
pub struct NewKey {
    /// Its record.
    pub record: ApiKey,
    /// The key itself, which is not kept.
    pub key: String,
}

/// What a key should be; `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyWish {
    /// The limit, or that there is none.
    pub spend_limit_cents: Option<Option<Cents>>,
    /// Requests a minute, or the configured default.
    pub rate_per_minute: Option<Option<i64>>,
}

impl NewKey {
    /// What puts it in force.
    pub fn prepared(self) -> Prepared {
        Prepared(Put::Key(self.record))
    }
}

pub(super) fn inserted(record: ApiKey) -> Change {
    let mut change = Change::default();
    change.keys.insert.push(record);
    change
}

/// What was done to a key.
pub(super) fn did(act: Act, key: &ApiKey) -> Did {
    let (partner, environment) = (Some(key.partner.clone()), Some(key.environment));
    Did { act, partner, environment, subject: Some(key.id.to_string()) }
}

fn updated(act: Act, key: ApiKey) -> (Change, Did, ApiKey) {
    let mut change = Change::default();
    change.keys.update.push(key.clone());
    (change, did(act, &key), key)
}

impl Operator {
    /// Makes a key that is not in force yet, with its spend limit in cents a month.
    #[must_use]
    pub fn new_key(
        &self,
        partner: &Partner,
        environment: Environment,
        preset: Preset,
        spend_limit_cents: Option<Cents>,
    ) -> NewKey {
        let random: String = self.ids.random::<20>().iter().map(|byte| format!("{byte:02x}")).collect();
        let key = format!("pk_{}_{random}", environment.as_str());
        let hash = keys::hash(self.store.vault(), &key);
        let hint = key[key.len() - 4..].to_owned();
        let blank = ApiKey::new(self.ids.next(), partner.id.clone(), environment, preset, hash, hint, self.now());
        NewKey { record: ApiKey { spend_limit_cents, ..blank }, key }
    }

    /// Changes a key that is there.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn change_key(&self, id: KeyId, wish: KeyWish) -> Result<ApiKey, Failure> {
        self.decide(move |tx, _| {
            let id = id.clone();
            Box::pin(async move {
                let key = keys::get(tx, &id).await?.ok_or(Halt::Clash)?;
                let spend_limit_cents = wish.spend_limit_cents.unwrap_or(key.spend_limit_cents);
                let rate_per_minute = wish.rate_per_minute.unwrap_or(key.rate_per_minute);
                Ok(updated(Act::KeyChange, ApiKey { spend_limit_cents, rate_per_minute, ..key }))
            })
        })
        .await
    }

    /// Revokes a key at once; one that is revoked already stays as it is.
    ///
    /// # Errors
    /// What goes wrong in the store.
    pub async fn revoke_key(&self, id: KeyId) -> Result<ApiKey, Failure> {
        self.decide(move |tx, now| {
            let id = id.clone();
            Box::pin(async move {
                let key = keys::get(tx, &id).await?.ok_or(Halt::Clash)?;
                if key.revoked_at.is_some() {
                    return Ok((Change::default(), did(Act::KeyRevoke, &key), key));
                }
                Ok(updated(Act::KeyRevoke, ApiKey { revoked_at: Some(now), ..key }))
            })
        })
        .await
    }
}
