//! Opening the database that the sandbox remembers in.

use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Executor, raw_sql};

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

/// How often a process tries again to open a file that another one is just making.
const OPENING_TRIES: usize = 50;

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
        let pool = self.pool_options().connect_with(options).await?;
        self.make_schema(&pool).await?;
        Ok(pool)
    }

    fn address(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            Self::Sqlite | Self::Postgres => url.to_owned(),
        }
    }

    /// SQLite has one writer, so one connection is all that can be used, and it is never stale.
    fn pool_options(self) -> AnyPoolOptions {
        let options = AnyPoolOptions::new().acquire_timeout(Duration::from_secs(30));
        match self {
            Self::Sqlite => options
                .max_connections(1)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
                .after_connect(|connection, _| Box::pin(begin_sqlite(connection))),
            Self::Postgres => options
                .max_connections(8)
                .after_connect(|connection, _| Box::pin(async move { run(connection, POSTGRES_SESSION).await })),
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

/// Several processes may open a new file at once. The switch to WAL needs it alone for a moment and does not
/// honour the time-out then, so the loser tries again.
async fn begin_sqlite(connection: &mut AnyConnection) -> sqlx::Result<()> {
    let mut last = run(connection, SQLITE_SESSION).await;
    for _ in 0..OPENING_TRIES {
        if last.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        last = run(connection, SQLITE_SESSION).await;
    }
    last
}

async fn run(connection: &mut AnyConnection, sql: &'static str) -> sqlx::Result<()> {
    connection.execute(raw_sql(sql)).await.map(|_| ())
}
