//! Opening the database that the sandbox remembers in.

use std::str::FromStr;

use model::patience::Patience;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection as _, Executor, Row as _, query, raw_sql,
};

use super::Dialect;
use crate::all::sim::error::SimError;

const SQLITE_SCHEMA: &str = include_str!("sqlite.sql");
const POSTGRES_SCHEMA: &str = include_str!("postgres.sql");

/// Columns of `effect` that were added since; rows from before have none. They are looked for first, because even an
/// `ALTER TABLE` that changes nothing waits until nobody else uses the table.
const ADDED: [&str; 2] = ["partner_at", "price_cents"];
const SQLITE_COLUMN: &str = "SELECT name FROM pragma_table_info('effect') WHERE name = $1";
const POSTGRES_COLUMN: &str = "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
    WHERE table_schema = 'mailwright_sandbox' AND table_name = 'effect' AND column_name = $1";

/// The time-out comes first, because switching to WAL already needs the lock. A sandbox has to survive a
/// killed process and not a power cut, so `NORMAL` spares it a flush for each call.
const SQLITE_SESSION: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
/// The other side is to look whether we still live: a lost process must not keep the sandbox's one lock.
const POSTGRES_SESSION: &str = "SET search_path TO mailwright_sandbox;
    SELECT set_config('application_name', 'mailwright sandbox', false) WHERE current_setting('application_name') = '';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4;
    SET tcp_user_timeout = 30000";

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
    pub(super) async fn open(self, url: &str, patience: Patience) -> Result<AnyPool, SimError> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(&self.address(url))?.disable_statement_logging();
        self.look(&options).await?;
        let pool = self.pool_options(patience).connect_with(options).await?;
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
        if self == Self::Postgres {
            refuse_shared(&mut connection, &mut AnyConnection::connect_with(options).await?).await?;
        }
        Ok(connection.close().await?)
    }

    fn address(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            Self::Sqlite | Self::Postgres => url.to_owned(),
        }
    }

    /// The clerk keeps one connection for itself; the others only read.
    fn pool_options(self, patience: Patience) -> AnyPoolOptions {
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
            Self::Postgres => options.acquire_timeout(patience.lock).after_connect(move |connection, _| {
                Box::pin(async move {
                    run(connection, POSTGRES_SESSION).await?;
                    connection.execute(raw_sql(AssertSqlSafe(bounds(patience)))).await.map(drop)
                })
            }),
        }
    }

    async fn make_schema(self, pool: &AnyPool) -> Result<(), SimError> {
        let mut transaction = match self {
            Self::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
            Self::Postgres => pool.begin().await?,
        };
        let (known, number) = match self {
            Self::Sqlite => {
                run(&mut transaction, SQLITE_SCHEMA).await?;
                (SQLITE_COLUMN, "INTEGER")
            }
            Self::Postgres => {
                run(&mut transaction, POSTGRES_FIRST).await?;
                run(&mut transaction, POSTGRES_SCHEMA).await?;
                (POSTGRES_COLUMN, "BIGINT")
            }
        };
        for column in ADDED {
            if query(known).bind(column).fetch_optional(&mut *transaction).await?.is_none() {
                let add = AssertSqlSafe(format!("ALTER TABLE effect ADD COLUMN {column} {number}"));
                query(add).execute(&mut *transaction).await?;
            }
        }
        Ok(transaction.commit().await?)
    }
}

/// Every wait of a connection has an end.
fn bounds(patience: Patience) -> String {
    format!(
        "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}",
        patience.statement.as_millis(),
        patience.lock.as_millis(),
        patience.idle.as_millis(),
    )
}

/// A pooler that lends connections for a transaction at a time gives the second client the first one's, which is free
/// again: what is set for one of them would be the other's.
async fn refuse_shared(first: &mut AnyConnection, second: &mut AnyConnection) -> Result<(), SimError> {
    let ours = backend(first).await?;
    let mut transaction = second.begin().await?;
    let theirs = backend(&mut transaction).await?;
    transaction.rollback().await?;
    if theirs == ours { Err(SimError::Pooler) } else { Ok(()) }
}

async fn backend(connection: &mut AnyConnection) -> Result<i64, SimError> {
    let row = connection.fetch_one(raw_sql("SELECT CAST(pg_backend_pid() AS BIGINT)")).await?;
    Ok(row.try_get(0)?)
}

async fn run(connection: &mut AnyConnection, sql: &'static str) -> sqlx::Result<()> {
    connection.execute(raw_sql(sql)).await.map(|_| ())
}
