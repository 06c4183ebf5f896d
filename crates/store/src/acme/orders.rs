//! The right to order a certificate, which one process has at a time, and what came of the order.

use model::certificate::{Account, Certificate, Limits, Room, room};
use model::clock::Time;
use model::id::{Id as _, LeaseId};
use model::secret::Secret;
use secrecy::SecretString;
use sqlx::AssertSqlSafe;

use super::accounts;
use super::certificates::{STANDS, TABLE, place, read, row_of, values};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::{Halt, StoreError};
use crate::sites;
use crate::zones::Served;

/// How many sites that are gone one claim lets go.
const GONE: usize = 100;

/// Somebody's right to order a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// How the certificate stands.
    pub certificate: Certificate,
    /// The one that there is, as far as it is no secret: its chain in PEM.
    pub chain: Option<String>,
}

/// What may be ordered next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// This one.
    Now(Box<Held>),
    /// Nothing before this time, or before something changes.
    Later(Option<Time>),
}

/// What an order has come to.
#[derive(Clone, Debug)]
pub struct Settled {
    /// How the certificate stands now.
    pub certificate: Certificate,
    /// The new one, if there is one: its chain and its key, in PEM.
    pub kept: Option<(String, SecretString)>,
    /// Until when the authority wants to hear nothing of the account, if it said so.
    pub paused_until: Option<Time>,
}

/// When the next certificate is due that nobody has at a time; `None` where none is.
pub async fn next_due(db: &mut Db, directory: &str, now: Time) -> Result<Option<Time>, StoreError> {
    let sql = "SELECT due_at FROM acme_certificates
        WHERE directory = $1 AND due_at IS NOT NULL AND (held_until IS NULL OR held_until <= $2) ORDER BY due_at LIMIT 1";
    let row = db.one(sql, args![directory, now]).await?;
    row.map(|row| Cells::new(TABLE, &row).time()).transpose()
}

/// Holds the certificate that is due for longest and that nobody has, until a time, if there is room for another order of the account.
/// Where its site is gone, all that is kept of it goes, its key too.
///
/// # Errors
/// The database's.
pub async fn claim(
    tx: &mut Tx,
    (directory, which): (&str, &Served),
    limits: &Limits,
    (now, until): (Time, Time),
    token: &LeaseId,
) -> Result<Claimed, Halt> {
    let account = accounts::hold(tx, directory).await?;
    for _ in 0..GONE {
        let Some(held) = first(tx, directory, now).await? else {
            return Ok(Claimed::Later(next_due(tx, directory, now).await?));
        };
        let host = &held.certificate.host;
        if !sites::has(tx, which, host).await? {
            let sql = "DELETE FROM acme_certificates WHERE host = $1 AND directory = $2";
            tx.run(sql, args![host.as_str(), directory]).await?;
            continue;
        }
        return hold(tx, directory, (&account, limits), held, (now, until), token).await;
    }
    Ok(Claimed::Later(Some(now)))
}

/// The one that is due for longest and that nobody has.
async fn first(tx: &mut Tx, directory: &str, now: Time) -> Result<Option<Held>, Halt> {
    let lock = tx.backend().for_update();
    let sql = format!(
        "SELECT {STANDS}, chain FROM acme_certificates WHERE directory = $1 AND due_at IS NOT NULL AND due_at <= $2
        AND (held_until IS NULL OR held_until <= $2) ORDER BY due_at LIMIT 1{lock}"
    );
    let Some(row) = tx.one(AssertSqlSafe(sql), args![directory, now]).await? else { return Ok(None) };
    let mut cells = Cells::new(TABLE, &row);
    Ok(Some(Held { certificate: read(&mut cells)?, chain: cells.text_or_null()? }))
}

async fn hold(
    tx: &mut Tx,
    directory: &str,
    (account, limits): (&Account, &Limits),
    held: Held,
    (now, until): (Time, Time),
    token: &LeaseId,
) -> Result<Claimed, Halt> {
    let sql = "SELECT COUNT(*) FROM acme_certificates WHERE directory = $1 AND held_until > $2";
    let row = tx.one(sql, args![directory, now]).await?;
    let under_way = row.map_or(Ok(0), |row| Cells::new(TABLE, &row).int())?;
    match room(account, u32::try_from(under_way).unwrap_or(u32::MAX), limits, now) {
        Room::Later(at) => Ok(Claimed::Later(at)),
        Room::Now(account) => {
            accounts::write(tx, directory, &account).await?;
            let sql =
                "UPDATE acme_certificates SET held_until = $3, held_token = $4 WHERE host = $1 AND directory = $2";
            tx.run(sql, args![held.certificate.host.as_str(), directory, until, token]).await?;
            Ok(Claimed::Now(Box::new(held)))
        }
    }
}

/// Writes down what an order has come to and gives it back. `false` where it was not held by this right any more, and nothing was
/// written.
///
/// # Errors
/// The database's.
pub async fn settle(tx: &mut Tx, directory: &str, token: &LeaseId, settled: &Settled) -> Result<bool, Halt> {
    let host = settled.certificate.host.as_str();
    let sql = "UPDATE acme_certificates SET names = $1, begins_at = $2, ends_at = $3, due_at = $4, failures = $5,
            without_www = $6, trouble = $7, held_until = NULL, held_token = NULL
        WHERE host = $8 AND directory = $9 AND held_token = $10";
    let mut all = values(&settled.certificate);
    all.extend([Value::from(host), Value::from(directory), Value::from(token.as_str())]);
    if tx.run(sql, all).await? == 0 {
        return Ok(false);
    }
    if let Some((chain, key)) = &settled.kept {
        let sealed = tx.vault.seal(&Secret::Plain(key.clone()), place(&row_of(directory, host)));
        let mark = tx.backend().mark(TABLE);
        let sql = format!(
            "UPDATE acme_certificates SET chain = $3, private_key = $4, mark = {mark} WHERE host = $1 AND directory = $2"
        );
        tx.run(AssertSqlSafe(sql), args![host, directory, chain.as_str(), sealed]).await?;
    }
    if let Some(until) = settled.paused_until {
        accounts::pause(tx, directory, until).await?;
    }
    Ok(true)
}
