//! Opening the database that the sandbox remembers in.

use std::str::FromStr;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection as _, Executor, raw_sql};

use super::Dialect;
use crate::all::sim::error::SimError;

const SQLITE_SCHEMA: &str = include_str!("sqlite.sql");
const POSTGRES_SCHEMA: &str = include_str!("postgres.sql");

/// The time-out comes first, because switching to WAL already needs the lock. A sandbox has to survive a
/// killed process and not a power cut, so `NORMAL` spares it a flush for each call.
const SQLITE_SESSION: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
const POSTGRES_SESSION: &str = "SET search_path TO mailwright_sandbox";

/// Two processes that make the same schema at the same moment would trip over each other's catalogue rows.
const POSTGRES_FIRST: &str = "SELECT CAST(pg_advisory_xact_lock(5500110055) AS TEXT);
                              CREATE SCHEMA IF NOT EXISTS mailwright_sandbox";

impl Dialect {
    /// Which database an address belongs to.
    pub(super) fn of(url: &str) -> Result<Self, SimError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(SimError::UnknownScheme),
        }
    }

    /// Connects, and makes file, schema and tables where they are missing.
    pub(super) async fn open(self, url: &str) -> Result<AnyPool, SimError> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(&self.address(url))?.disable_statement_logging();
        self.look(&options).await?;
        let pool = self.pool_options().connect_with(options).await?;
        self.make_schema(&pool).await?;
        Ok(pool)
    }

    /// One connection first: a pool would try a broken file again and again before it gave up.
    async fn look(self, options: &AnyConnectOptions) -> Result<(), SimError> {
        let mut connection = AnyConnection::connect_with(options).await?;
        let session = match self {
            Self::Sqlite => SQLITE_SESSION,
            Self::Postgres => POSTGRES_SESSION,
        };
        run(&mut connection, session).await?;
        Ok(connection.close().await?)
    }

    fn address(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            Self::Sqlite | Self::Postgres => url.to_owned(),
        }
    }

    /// The clerk keeps one connection for itself; the others only read.
    fn pool_options(self) -> AnyPoolOptions {
        // A transaction that a failing disk has ended by itself counts as open for good, and no other can be begun on
        // that connection: it is closed.
        let options = AnyPoolOptions::new()
            .max_connections(4)
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }));
        match self {
            // Connections to a file are never stale.
            Self::Sqlite => options
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
                .after_connect(|connection, _| Box::pin(run(connection, SQLITE_SESSION))),
            Self::Postgres => options.after_connect(|connection, _| Box::pin(run(connection, POSTGRES_SESSION))),
        }
    }

    async fn make_schema(self, pool: &AnyPool) -> Result<(), SimError> {
        let mut transaction = match self {
            Self::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
            Self::Postgres => pool.begin().await?,
        };
        match self {
            Self::Sqlite => run(&mut transaction, SQLITE_SCHEMA).await?,
            Self::Postgres => {
                run(&mut transaction, POSTGRES_FIRST).await?;
                run(&mut transaction, POSTGRES_SCHEMA).await?;
            }
        }
        Ok(transaction.commit().await?)
    }
}

async fn run(connection: &mut AnyConnection, sql: &'static str) -> sqlx::Result<()> {
    connection.execute(raw_sql(sql)).await.map(|_| ())
}
