//! How storage fails, by what the caller does about it.

use model::refusal::{Fault, Refusal};

/// Storage did not do its work. The text is for logs, never for answers.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no or cannot be reached.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// The embedded database said no.
    #[error("database: {0}")]
    Embedded(rusqlite::Error),
    /// More is waiting than there is room for, or no connection became free in time. Nothing was done.
    #[error("more is waiting than the database has room for")]
    Busy,
    /// A row holds something that no version of ours wrote.
    #[error("row of {table}: {what}")]
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A secret cannot be opened with the master key.
    #[error("sealed value of {0} cannot be opened with this master key")]
    Sealed(&'static str),
    /// The same rows were changed by others, again and again.
    #[error("too many others changed the same rows at the same time")]
    Contention,
    /// A closure panicked; its work was rolled back.
    #[error("a write panicked and was rolled back")]
    Panicked,
    /// The commit failed, or could not be tried; nothing of it is written.
    #[error("the writes could not be committed")]
    NotCommitted,
    /// There is no space left; nothing of it is written.
    #[error("the disk of the database is full")]
    Full,
    /// Nobody has answered over the wire; what was asked may have been done.
    #[error("the database has not answered in time")]
    Silent,
    /// The writer has stopped.
    #[error("the store is closed")]
    Closed,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            other => Self::Database(other),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Embedded(error)
    }
}

impl StoreError {
    /// Whether there was no space left to write in.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::Database(error) => code(error) == "53100" || primary(error) == Some(FULL),
            Self::Embedded(error) => extended(error) & 0xff == FULL,
            _ => false,
        }
    }

    /// Whether it could not be had in time, and may be had a moment later. Nothing is written.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Busy | Self::Contention => true,
            _ if self.is_of_the_connection() => true,
            // A lock, a statement, a transaction that stood still, and two that got in each other's way.
            Self::Database(error) => {
                matches!(code(error).as_str(), "55P03" | "57014" | "25P03" | "40001" | "40P01") || self.is_locked()
            }
            Self::Embedded(_) => self.is_locked(),
            _ => false,
        }
    }

    /// Whether the connection is none any more, or could not be had: the database is silent, or begins anew, or its operator has ended it.
    /// What was asked last may have been done.
    #[must_use]
    pub fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Silent | Self::Database(sqlx::Error::Io(_)) => true,
            // Connection exceptions, and `admin_shutdown`, `crash_shutdown` and `cannot_connect_now`.
            Self::Database(error) => {
                let code = code(error);
                code.len() == 5 && (code.starts_with("08") || matches!(code.as_str(), "57P01" | "57P02" | "57P03"))
            }
            _ => false,
        }
    }

    /// Whether somebody else's lock was in the way.
    pub(crate) fn waited_for_a_lock(&self) -> bool {
        matches!(self, Self::Database(error) if code(error) == "55P03")
    }

    /// Whether somebody else holds the SQLite database, and it has only to be tried again.
    pub(crate) fn is_locked(&self) -> bool {
        match self {
            Self::Database(error) => primary(error) == Some(BUSY),
            Self::Embedded(error) => extended(error) & 0xff == BUSY,
            _ => false,
        }
    }
}

/// `SQLITE_BUSY` and `SQLITE_FULL`: see <https://www.sqlite.org/rescode.html>.
const BUSY: u32 = 5;
const FULL: u32 = 13;

/// `SQLITE_CONSTRAINT_PRIMARYKEY` and `SQLITE_CONSTRAINT_UNIQUE`.
const UNIQUE: [u32; 2] = [1555, 2067];

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned()
}

/// SQLite's code with what it says in the upper bits; 0 where it was not SQLite that failed.
fn extended(error: &rusqlite::Error) -> u32 {
    error.sqlite_error().map_or(0, |failed| u32::try_from(failed.extended_code).unwrap_or(0))
}

/// SQLite says more in the upper bits of a code. PostgreSQL's codes of five letters and digits are none of these.
fn primary(error: &sqlx::Error) -> Option<u32> {
    let code = code(error);
    (code.len() < 5).then(|| code.parse().ok()).flatten().map(|code: u32| code & 0xff)
}

/// Why a write's closure stops.
#[derive(Debug)]
pub enum Halt {
    /// The decision said no; nothing is written.
    Refused(Box<Refusal>),
    /// Somebody else was faster; the closure is run again on fresh facts.
    Clash,
    /// The task is no longer ours; the result is dropped.
    Lost,
    /// Storage failed.
    Broken(StoreError),
}

/// Why a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The decision said no.
    #[error("refused")]
    Refused(Box<Refusal>),
    /// The task is no longer ours.
    #[error("the lease was lost")]
    Lost,
    /// Storage failed.
    #[error(transparent)]
    Broken(#[from] StoreError),
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Refusal::from(fault).into()
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(inner) if is_clash(&inner) => Self::Clash,
            StoreError::Embedded(inner) if UNIQUE.contains(&extended(&inner)) => Self::Clash,
            other => Self::Broken(other),
        }
    }
}

/// Unique violations, serialization failures and deadlocks all mean: look again, decide again.
fn is_clash(error: &sqlx::Error) -> bool {
    let Some(database) = error.as_database_error() else { return false };
    let code = database.code().unwrap_or_default();
    database.is_unique_violation() || matches!(code.as_ref(), "40001" | "40P01" | "23505" | "1555" | "2067")
}
