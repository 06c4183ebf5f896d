//! Calls that were accepted and must not be accepted twice.

use std::borrow::Cow;

use model::clock::Time;
use model::id::Id as _;
use model::idempotency::{Remembered, Said, WINDOW};
use model::secret::Secret;
use model::world::{Scope, World};
use secrecy::ExposeSecret as _;
use sqlx::any::AnyRow;

use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::{Halt, StoreError};
use crate::record::{Record, select};
use crate::seal::{Place, Vault};

impl Record for Remembered {
    const TABLE: &'static str = "remembered";
    const COLUMNS: &'static [&'static str] =
        &["partner", "world", "key", "fingerprint", "answer", "created_at", "status", "sealed"];
    const FIXED: usize = 8;

    fn values(&self, vault: &Vault) -> Vec<Value> {
        let (answer, sealed) = match &self.said {
            Said::Open(text) => (text.clone(), false),
            Said::Sealed(secret) => (vault.seal(secret, place(&row_of(self))), true),
        };
        args![
            &self.partner,
            self.world.as_str(),
            self.key.as_str(),
            self.fingerprint.as_str(),
            answer,
            self.created_at,
            i64::from(self.status),
            sealed
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        let (partner, world, key) = (cells.id()?, World::stored(cells.text()?), cells.text()?);
        let (fingerprint, answer, created_at) = (cells.text()?, cells.text()?, cells.time()?);
        let (status, sealed) = (cells.int()?, cells.flag()?);
        let status = u16::try_from(status).map_err(|_| cells.broken(format!("status {status}")))?;
        let said = if sealed { Said::Sealed(Secret::Sealed(answer)) } else { Said::Open(answer) };
        Ok(Self { partner, world, key, fingerprint, status, said, created_at, yields: false })
    }
}

const OF_KEY: &str = "WHERE partner = $1 AND world = $2 AND key = $3";

/// The accepted call with this key, if it still counts at a partner time.
pub async fn peek(db: &mut Db, scope: &Scope, key: &str, partner_now: Time) -> Result<Option<Remembered>, StoreError> {
    let row = db.one(select::<Remembered>(OF_KEY), of_key(scope, key)).await?;
    fresh(row.as_ref(), partner_now)
}

/// The same, held until the commit: its answer is about to be completed.
pub async fn lock(tx: &mut Tx, scope: &Scope, key: &str, partner_now: Time) -> Result<Option<Remembered>, StoreError> {
    let rest = format!("{OF_KEY}{}", tx.backend().for_update());
    let row = tx.one(select::<Remembered>(&rest), of_key(scope, key)).await?;
    fresh(row.as_ref(), partner_now)
}

fn of_key(scope: &Scope, key: &str) -> Vec<Value> {
    args![&scope.partner, scope.world.as_str(), key]
}

fn fresh(row: Option<&AnyRow>, partner_now: Time) -> Result<Option<Remembered>, StoreError> {
    let found = row.map(|row| Remembered::read(&mut Cells::new(Remembered::TABLE, row))).transpose()?;
    Ok(found.filter(|one| one.is_fresh(partner_now)))
}

/// The body of an answer as it was first said.
///
/// # Errors
/// When it was sealed with another master key.
pub fn answer<'a>(db: &Db, remembered: &'a Remembered) -> Result<Cow<'a, str>, StoreError> {
    match &remembered.said {
        Said::Open(text) => Ok(Cow::Borrowed(text)),
        Said::Sealed(secret) => {
            let text = db.vault.open_secret(secret, place(&row_of(remembered)))?;
            Ok(Cow::Owned(text.expose_secret().to_owned()))
        }
    }
}

fn place(row: &str) -> Place<'_> {
    Place { column: "remembered.answer", row }
}

fn row_of(remembered: &Remembered) -> String {
    format!("{} {} {}", remembered.partner.as_str(), remembered.world, remembered.key)
}

/// Keeps an accepted call. It may take the place of one that no longer counts; meeting one that
/// does is a clash, after which the closure finds it by [`peek`].
pub(crate) async fn keep(tx: &mut Tx, remembered: &Remembered) -> Result<(), Halt> {
    let sql = "INSERT INTO remembered (partner, world, key, fingerprint, answer, created_at, status, sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (partner, world, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = excluded.created_at,
            status = excluded.status, sealed = excluded.sealed
        WHERE remembered.created_at <= $9";
    let mut values = remembered.values(&tx.vault);
    let replaceable = if remembered.yields { remembered.created_at } else { remembered.created_at.plus(-WINDOW) };
    values.push(Value::from(replaceable));
    if tx.run(sql, values).await? == 0 { Err(Halt::Clash) } else { Ok(()) }
}
