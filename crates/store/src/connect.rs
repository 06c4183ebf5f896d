//! Connecting to a database: what every connection begins with, and in which words it is refused.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _};

use crate::address::redacted;
use crate::db::{Conn, Db};
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::open::{OpenError, Opening};
use crate::seal::Vault;
use crate::session;

/// What a connection to SQLite begins with by which a database is opened and migrated. What a savepoint would take back is noted in memory: in a file, each
/// write of a group was written to it once more. When the log is copied is not left to it: see [`crate::checkpoint`].
pub(crate) const WRITING: &[&str] = &[
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 0",
];
/// What the connection begins with that writes in groups. What it commits is brought to the disk by [`crate::syncing`], before anybody
/// is answered. Pages that every group writes (16 MB at most) are not read again each time.
pub(crate) const WRITING_IN_GROUPS: &[&str] = &[
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA cache_size = -16384",
];
/// What one begins with that only looks.
pub(crate) const LOOKING: &[&str] = &["PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON"];

/// How to connect; a missing file is made only where that is wanted.
pub(crate) fn connect_options(opening: &Opening, backend: Backend) -> Result<AnyConnectOptions, OpenError> {
    let url = match (backend, opening.url.contains('?')) {
        (Backend::Sqlite, false) => format!("{}?mode={}", opening.url, if opening.create { "rwc" } else { "rw" }),
        _ => opening.url.clone(),
    };
    let options = AnyConnectOptions::from_str(&url).map_err(|_| OpenError::Url(redacted(&opening.url)))?;
    Ok(options.disable_statement_logging())
}

/// A connection that writes.
pub(crate) async fn connect(options: &AnyConnectOptions, backend: Backend, url: &str) -> Result<Db, OpenError> {
    connect_with(options, backend, url, WRITING).await
}

/// A connection that cannot write, bounded in what it waits for, past a pooler that lends no connections.
pub(crate) async fn connect_to_look(opening: &Opening, backend: Backend) -> Result<Db, OpenError> {
    let options = connect_options(opening, backend)?;
    let mut db = connect_with(&options, backend, &opening.url, LOOKING).await?;
    if backend == Backend::Postgres {
        let mut second = connect_with(&options, backend, &opening.url, LOOKING).await?;
        session::refuse_shared(db.raw()?, second.raw()?).await?;
        session::bound(db.raw()?, opening.patience).await.map_err(session::pooled)?;
        db.control("SET default_transaction_read_only = on").await?;
    }
    Ok(db)
}

async fn connect_with(
    options: &AnyConnectOptions,
    backend: Backend,
    url: &str,
    pragmas: &[&'static str],
) -> Result<Db, OpenError> {
    let opened = AnyConnection::connect_with(options).await;
    let conn = opened.map_err(|error| unreachable(url, backend, &error))?;
    let vault = Arc::new(Vault::with_key([0; 32]));
    let mut conn = Box::new(conn);
    match backend {
        Backend::Postgres => session::introduce(&mut conn).await.map_err(session::pooled)?,
        Backend::Sqlite => {
            let settled = tell(&mut conn, pragmas).await;
            settled.map_err(|error| OpenError::Unreachable { url: redacted(url), reason: error.to_string() })?;
        }
    }
    let mut db = Db::on(Conn::Owned(conn), backend, vault);
    if backend == Backend::Sqlite {
        check_sqlite_version(&mut db).await?;
    }
    Ok(db)
}

async fn tell(conn: &mut AnyConnection, pragmas: &[&'static str]) -> Result<(), StoreError> {
    for pragma in pragmas {
        sqlx::Executor::execute(&mut *conn, sqlx::raw_sql(*pragma)).await?;
    }
    Ok(())
}

fn unreachable(url: &str, backend: Backend, told: &sqlx::Error) -> OpenError {
    let missing = told.as_database_error().is_some_and(|inner| inner.code().as_deref() == Some("14"));
    if backend == Backend::Sqlite && missing {
        let path = url.trim_start_matches("sqlite:").to_owned();
        return match Path::new(&path).try_exists() {
            Ok(false) => OpenError::Missing(path),
            // Whoever may not look into the folder does not know whether there is one.
            Err(error) => OpenError::Unreachable { url: path, reason: error.to_string() },
            Ok(true) => OpenError::Unreachable { url: path, reason: told.to_string() },
        };
    }
    if told.as_database_error().is_some_and(|inner| inner.message().contains("unsupported startup parameter")) {
        return OpenError::PoolerStart;
    }
    OpenError::Unreachable { url: redacted(url), reason: told.to_string() }
}

async fn check_sqlite_version(db: &mut Db) -> Result<(), OpenError> {
    let row = db.one("SELECT sqlite_version()", vec![]).await?;
    let version = row.map_or(Ok(None), |row| row.text())?.unwrap_or_default();
    let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if numbers.as_slice() >= [3, 51, 3].as_slice() { Ok(()) } else { Err(OpenError::OldSqlite(version)) }
}

/// Closes a connection of one's own.
pub(crate) async fn close(db: Db) {
    if let Conn::Owned(conn) = db.conn
        && let Err(error) = conn.close().await
    {
        tracing::warn!(%error, "a connection could not be closed in good order");
    }
}
