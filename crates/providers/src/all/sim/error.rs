//! What can go wrong with the sandbox's own memory.

use crate::trouble::Trouble;

/// Why the sandbox cannot remember.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// Neither SQLite nor PostgreSQL.
    #[error("the sandbox's database address begins with neither `sqlite:` nor `postgres://`")]
    UnknownScheme,
    /// Connections that are shared with others.
    #[error(
        "the sandbox's database is behind a pooler that lends connections for one transaction at a time; use `pool_mode = session`, or the database's own address"
    )]
    Pooler,
    /// The database said no, or nothing.
    #[error("the sandbox's database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database has not answered in time.
    #[error("the sandbox's database has not answered in time")]
    Silent,
    /// A row that this version cannot read.
    #[error("the sandbox's memory of {name} is damaged ({source}); remove the sandbox's database to begin anew")]
    Damaged {
        /// The name it is about.
        name: String,
        /// What the reader stumbled over.
        source: serde_json::Error,
    },
}

impl SimError {
    /// A row about `name` that cannot be read.
    pub(super) fn damaged(name: impl ToString, source: serde_json::Error) -> Self {
        Self::Damaged { name: name.to_string(), source }
    }
}

/// What a caller makes of it when nothing can have happened.
impl From<SimError> for Trouble {
    fn from(error: SimError) -> Self {
        tracing::warn!(%error, "the sandbox could not answer a call");
        match error {
            SimError::Database(_) | SimError::Silent => Self::Later(None),
            SimError::UnknownScheme | SimError::Pooler | SimError::Damaged { .. } => {
                Self::Misconfigured(error.to_string())
            }
        }
    }
}
