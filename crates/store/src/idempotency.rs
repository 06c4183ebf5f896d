//! Calls that were accepted and must not be accepted twice.

use std::borrow::Cow;
use std::fmt::Write as _;

use model::clock::Time;
use model::id::{Id as _, KeyId};
use model::idempotency::{Remembered, Said, WINDOW};
use model::partner::{ApiKey, Partner};
use model::secret::Secret;
use model::world::{Scope, World};
use secrecy::ExposeSecret as _;
use sqlx::AssertSqlSafe;

use crate::column::Key;
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::{Halt, StoreError};
use crate::record::{Record, all_of, push_places, select};
use crate::row::Row;
use crate::seal::{Place, Vault};
use crate::table::table;

table! {
    Remembered as (remembered, vault) in "remembered"
    fixed {
        partner: Key,
        world: World,
        key: String,
        fingerprint: String,
        answer: String = kept(remembered, vault),
        created_at: Time,
        status: u16,
        sealed: bool = matches!(remembered.said, Said::Sealed(_)),
    }
    read {
        said: if sealed { Said::Sealed(Secret::Sealed(answer)) } else { Said::Open(answer) },
        yields: false,
    }
}

const OF_KEY: &str = "WHERE partner = $1 AND world = $2 AND key = $3";

/// The calls that were accepted with any of some keys, whether they still count or not; in no order.
pub async fn peek(db: &mut Db, scope: &Scope, keys: &[String]) -> Result<Vec<Remembered>, StoreError> {
    let each = (3..keys.len() + 3).map(|place| format!("WHERE partner = $1 AND world = $2 AND key = ${place}"));
    let mut values = args![&scope.partner, scope.world.as_str()];
    values.extend(keys.iter().map(|key| Value::from(key.as_str())));
    db.find_each(each, values).await
}

/// Whoever calls, as long as the key is not revoked, and the calls that were accepted with any of some keys, as by [`peek`]: with one
/// statement, as every call that writes asks for both.
pub async fn peek_by(
    db: &mut Db,
    caller: &KeyId,
    scope: &Scope,
    keys: &[String],
) -> Result<Option<(ApiKey, Partner, Vec<Remembered>)>, StoreError> {
    let (key, partner, call) = (all_of::<ApiKey>("k"), all_of::<Partner>("p"), all_of::<Remembered>("r"));
    let each = (4..keys.len() + 4).map(|place| {
        format!(
            "SELECT {key}, {partner}, {call} FROM api_keys k JOIN partners p ON p.id = k.partner
            LEFT JOIN remembered r ON r.partner = $2 AND r.world = $3 AND r.key = ${place}
            WHERE k.id = $1 AND k.revoked_at IS NULL"
        )
    });
    let sql = each.collect::<Vec<_>>().join(" UNION ALL ");
    let mut values = args![caller, &scope.partner, scope.world.as_str()];
    values.extend(keys.iter().map(|key| Value::from(key.as_str())));
    let (mut known, mut calls) = (None, vec![]);
    for row in db.all(AssertSqlSafe(sql), values).await? {
        let mut cells = Cells::new(ApiKey::TABLE, &row);
        let key = ApiKey::read(&mut cells)?;
        let mut cells = cells.then(Partner::TABLE);
        known = Some((key, Partner::read(&mut cells)?));
        if !cells.is_null() {
            calls.push(Remembered::read(&mut cells.then(Remembered::TABLE))?);
        }
    }
    Ok(known.map(|(key, partner)| (key, partner, calls)))
}

/// The accepted call with this key, if it still counts at a partner time; held until the commit: its answer is about to be completed.
pub async fn lock(tx: &mut Tx, scope: &Scope, key: &str, partner_now: Time) -> Result<Option<Remembered>, StoreError> {
    let rest = format!("{OF_KEY}{}", tx.backend().for_update());
    let row = tx.one(select::<Remembered>(&rest), of_key(scope, key)).await?;
    fresh(row.as_ref(), partner_now)
}

fn of_key(scope: &Scope, key: &str) -> Vec<Value> {
    args![&scope.partner, scope.world.as_str(), key]
}

fn fresh(row: Option<&Row>, partner_now: Time) -> Result<Option<Remembered>, StoreError> {
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

/// The answer as its row keeps it.
fn kept(remembered: &Remembered, vault: &Vault) -> String {
    match &remembered.said {
        Said::Open(text) => text.clone(),
        Said::Sealed(secret) => vault.seal(secret, place(&row_of(remembered))),
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
    let last = Remembered::COLUMNS.len();
    let mut sql = format!("INSERT INTO remembered ({}) VALUES (", Remembered::COLUMNS.join(", "));
    push_places(&mut sql, 1, last);
    let _ = write!(
        sql,
        ") ON CONFLICT (partner, world, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = excluded.created_at,
            status = excluded.status, sealed = excluded.sealed
        WHERE remembered.created_at <= ${}",
        last + 1
    );
    let mut values = remembered.values(&tx.vault);
    let replaceable = if remembered.yields { remembered.created_at } else { remembered.created_at.plus(-WINDOW) };
    values.push(Value::from(replaceable));
    if tx.insert_now(sql, values).await? == 0 { Err(Halt::Clash) } else { Ok(()) }
}
