//! A look at a database that changes nothing: whatever is wrong with it, as much as can be seen is seen. No server could
//! be started on what this opens.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::timeout;

use crate::address::redacted;
use crate::connect;
use crate::db::{Conn, Db};
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::ground;
use crate::migrate;
use crate::open::{self, OpenError, Opening};
use crate::positions;

pub use crate::migrate::Schema;

/// How often a check of all pages asks whether its time is up, in instructions of SQLite.
const INSTRUCTIONS: i32 = 10_000;

/// A database that is looked at.
pub struct Look {
    db: Db,
    url: String,
}

/// What became of a check of all pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// Nothing is wrong.
    Sound,
    /// Time was up before everything was looked at; nothing was wrong so far.
    Unfinished,
    /// What is wrong, in the database's words.
    Damaged(String),
}

impl Look {
    /// Opens what is there. Nothing is made, migrated or put in order.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn open(opening: &Opening) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let backend = Backend::of(&opening.url).ok_or_else(|| OpenError::Url(redacted(&opening.url)))?;
        let opening = Opening { create: false, migrate: false, lock_file: None, ..opening.clone() };
        let log = ground::look(&opening)?;
        let mut db = connect::connect_to_look(&opening, backend).await?;
        match ground::check(&mut db, &opening, log).await {
            Ok(()) => Ok(Self { db, url: opening.url }),
            Err(error) => {
                close(db).await;
                Err(error)
            }
        }
    }

    /// To read with. What is asked for must be in this schema.
    pub const fn db(&mut self) -> &mut Db {
        &mut self.db
    }

    /// Whether this program knows the schema, the number of the last migration in it, and of ours.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schema(&mut self) -> Result<(Schema, i64, i64), StoreError> {
        Ok((migrate::state(&mut self.db).await?, migrate::applied(&mut self.db).await?, migrate::latest()))
    }

    /// Tells the master key that the database belongs to; `None` for one that has none yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fingerprint(&mut self) -> Result<Option<String>, OpenError> {
        open::known_fingerprint(&mut self.db).await
    }

    /// On SQLite looks at all pages for as long as `patience`; on PostgreSQL, which looks after its own, at what it says of
    /// its indexes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn soundness(&mut self, patience: Duration) -> Result<Soundness, StoreError> {
        match self.db.backend() {
            Backend::Sqlite => quick_check(&self.url, patience).await,
            Backend::Postgres => self.invalid_index().await,
        }
    }

    /// Whether the database is a copy that follows another one, and cannot be written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_standby(&mut self) -> Result<bool, StoreError> {
        if self.db.backend() == Backend::Sqlite {
            return Ok(false);
        }
        let sql = "SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END";
        let row = self.db.one(sql, vec![]).await?;
        Ok(row.map_or(Ok(0), |row| row.number())? == 1)
    }

    /// Whether its events come from another PostgreSQL, and whoever opens it to write puts their feed in order first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_moved(&mut self) -> Result<bool, StoreError> {
        positions::are_foreign(&mut self.db).await
    }

    async fn invalid_index(&mut self) -> Result<Soundness, StoreError> {
        let sql = "SELECT CAST(c.relname AS TEXT) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE NOT i.indisvalid AND c.relnamespace = CAST(current_schema() AS regnamespace) ORDER BY c.relname LIMIT 1";
        let row = self.db.one(sql, vec![]).await?;
        let name = row.map_or(Ok(None), |row| row.text())?;
        let damage = name.map(|name| Soundness::Damaged(format!("the index {name} is not valid")));
        Ok(damage.unwrap_or(Soundness::Sound))
    }

    /// Lets go of it, and leaves one whole file where there was one.
    pub async fn close(self) {
        close(self.db).await;
    }
}

async fn close(db: Db) {
    if let Conn::Owned(conn) = db.conn {
        // Whoever only looked has nothing to lose.
        let _ = conn.close().await;
    }
}

/// SQLite's own check, which asks now and then whether it is to go on: a statement that nobody waits for any more would
/// run to its end.
async fn quick_check(url: &str, patience: Duration) -> Result<Soundness, StoreError> {
    let options = SqliteConnectOptions::from_str(url)?.create_if_missing(false).disable_statement_logging();
    let mut conn = options.connect().await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let asks = is_over.clone();
    conn.lock_handle().await?.set_progress_handler(INSTRUCTIONS, move || !asks.load(Ordering::Relaxed));
    let found = {
        let checking = sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(&mut conn);
        tokio::pin!(checking);
        match timeout(patience, &mut checking).await {
            Ok(said) => said.map(Some),
            Err(_) => {
                is_over.store(true, Ordering::Relaxed);
                // It is interrupted, unless it has just come to its end.
                checking.await.map_or(Ok(None), |said| Ok(Some(said)))
            }
        }
    };
    let _ = conn.close().await;
    Ok(match found? {
        None => Soundness::Unfinished,
        Some(said) if said == "ok" => Soundness::Sound,
        Some(said) => Soundness::Damaged(said),
    })
}

/// Whether a database can be opened at all and is one, whoever's it is.
///
/// # Errors
/// A sentence for the operator.
pub async fn opens(opening: &Opening) -> Result<(), OpenError> {
    sqlx::any::install_default_drivers();
    let backend = Backend::of(&opening.url).ok_or_else(|| OpenError::Url(redacted(&opening.url)))?;
    let opening = Opening { create: false, ..opening.clone() };
    let mut db = connect::connect_to_look(&opening, backend).await?;
    let known = migrate::applied(&mut db).await;
    close(db).await;
    known.map(drop).map_err(|error| OpenError::Unreachable { url: redacted(&opening.url), reason: error.to_string() })
}

/// The address of a database as it may be shown.
#[must_use]
pub fn shown(url: &str) -> String {
    redacted(url)
}
