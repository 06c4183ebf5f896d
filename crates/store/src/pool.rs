//! The connections that are lent to whoever reads, and on PostgreSQL to whoever writes too.

use std::path::Path;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, Connection as _};

use crate::address::redacted;
use crate::connect;
use crate::db::Conn;
use crate::dialect::Backend;
use crate::embedded::Embedded;
use crate::error::StoreError;
use crate::file_modes;
use crate::lending::Lending;
use crate::open::{OpenError, Opening};
use crate::readers::Readers;
use crate::session;

/// Connections of one store.
pub(crate) enum Pool {
    /// To read with.
    Sqlite(Readers),
    /// To read and to write with.
    Postgres(Lending),
}

impl Pool {
    /// The connections that an opening wants; SQLite has to be in a file.
    pub(crate) async fn open(options: &AnyConnectOptions, opening: &Opening) -> Result<Self, OpenError> {
        if Backend::of(&opening.url) == Some(Backend::Postgres) {
            let pool = postgres(options.clone(), opening).await.map_err(session::pooled)?;
            return Ok(Self::Postgres(Lending::new(pool, opening.connections, opening.patience)));
        }
        let path = file_modes::sqlite_file(&opening.url).ok_or_else(|| OpenError::Url(redacted(&opening.url)))?;
        Ok(Self::Sqlite(Readers::new(path, opening.connections)))
    }

    /// The one connection that SQLite is written with, and to which file it is.
    pub(crate) fn writing(&self) -> Result<Option<(Conn, &Path)>, StoreError> {
        match self {
            Self::Sqlite(readers) => {
                let conn = Embedded::open(readers.path(), connect::WRITING_IN_GROUPS)?;
                Ok(Some((Conn::Writing(Box::new(conn)), readers.path())))
            }
            Self::Postgres(_) => Ok(None),
        }
    }

    /// A connection to read with.
    pub(crate) async fn conn(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite(readers) => Conn::Reading(readers.lend().await?),
            Self::Postgres(lending) => Conn::Pooled(lending.lend().await?),
        })
    }

    /// One whose reads all see the same moment.
    pub(crate) async fn snapshot(&self, begin: &'static str) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite(readers) => {
                let mut lent = readers.lend().await?;
                lent.conn()?.control(begin)?;
                Ok(Conn::Reading(lent))
            }
            Self::Postgres(lending) => lending.snapshot(begin).await,
        }
    }

    /// Waits for those that are lent, and closes all.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(readers) => readers.close().await,
            Self::Postgres(lending) => lending.close().await,
        }
    }
}

async fn postgres(options: AnyConnectOptions, opening: &Opening) -> Result<AnyPool, sqlx::Error> {
    let patience = opening.patience;
    AnyPoolOptions::new()
        .max_connections(opening.connections)
        .acquire_timeout(patience.lock)
        .test_before_acquire(true)
        // A transaction that a failing disk has ended by itself counts as open for good: such a connection is closed.
        .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
        .after_connect(move |conn, _| {
            Box::pin(async move {
                session::introduce(conn).await?;
                session::bound(conn, patience).await
            })
        })
        .connect_with(options)
        .await
}
