//! Our account at an authority.

use model::certificate::Account;
use model::clock::Time;
use model::secret::Secret;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::AssertSqlSafe;

use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::seal::Place;

const TABLE: &str = "acme_accounts";

fn place(directory: &str) -> Place<'_> {
    Place { column: "acme_accounts.credentials", row: directory }
}

/// The credentials of our account at an authority; `None` while there are none.
pub async fn account(db: &mut Db, directory: &str) -> Result<Option<SecretString>, StoreError> {
    let sql = "SELECT credentials FROM acme_accounts WHERE directory = $1";
    let row = db.one(sql, args![directory]).await?;
    let sealed = row.map_or(Ok(None), |row| Cells::new(TABLE, &row).text_or_null())?;
    sealed.map(|sealed| db.vault.open_secret(&Secret::Sealed(sealed), place(directory))).transpose()
}

/// Keeps new credentials where there are none, or where they are still `instead_of`. Answers those that are kept then.
///
/// # Errors
/// The database's, or that what is kept was sealed with another master key.
pub async fn keep_account(
    tx: &mut Tx,
    directory: &str,
    credentials: &SecretString,
    instead_of: Option<&SecretString>,
) -> Result<SecretString, Halt> {
    hold(tx, directory).await?;
    if let Some(kept) = account(tx, directory).await?
        && instead_of.is_none_or(|old| old.expose_secret() != kept.expose_secret())
    {
        return Ok(kept);
    }
    let sealed = tx.vault.seal(&Secret::Plain(credentials.clone()), place(directory));
    tx.run("UPDATE acme_accounts SET credentials = $2 WHERE directory = $1", args![directory, sealed]).await?;
    Ok(credentials.clone())
}

/// How the account stands, which nobody else changes or orders with until the commit.
pub(super) async fn hold(tx: &mut Tx, directory: &str) -> Result<Account, Halt> {
    let new = "INSERT INTO acme_accounts (directory, spent_until) VALUES ($1, 0) ON CONFLICT (directory) DO NOTHING";
    tx.run(new, args![directory]).await?;
    let lock = tx.backend().for_update();
    let sql = format!("SELECT spent_until, paused_until FROM acme_accounts WHERE directory = $1{lock}");
    let row = tx.one(AssertSqlSafe(sql), args![directory]).await?.ok_or(Halt::Clash)?;
    let mut cells = Cells::new(TABLE, &row);
    Ok(Account { spent_until: cells.time()?, paused_until: cells.time_or_null()? })
}

/// Writes down how it stands.
pub(super) async fn write(tx: &mut Tx, directory: &str, account: &Account) -> Result<(), Halt> {
    let sql = "UPDATE acme_accounts SET spent_until = $2, paused_until = $3 WHERE directory = $1";
    tx.run(sql, args![directory, account.spent_until, account.paused_until]).await?;
    Ok(())
}

/// The authority wants to hear nothing of it before a time.
pub(super) async fn pause(tx: &mut Tx, directory: &str, until: Time) -> Result<(), Halt> {
    let sql = "UPDATE acme_accounts SET paused_until = $2 WHERE directory = $1";
    tx.run(sql, args![directory, until]).await?;
    Ok(())
}
