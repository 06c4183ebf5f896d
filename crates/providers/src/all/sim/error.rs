//! What can go wrong with the sandbox's own memory.

use crate::trouble::Trouble;

/// Why the sandbox cannot remember.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// Neither SQLite nor PostgreSQL.
    #[error("the sandbox's database address begins with neither `sqlite:` nor `postgres://`")]
    UnknownScheme,
    /// The database said no, or nothing.
    #[error("the sandbox's database failed: {0}")]
    Database(#[from] sqlx::Error),
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
    /// What a caller makes of it when nothing can have happened yet.
    pub(super) fn before_acting(self) -> Trouble {
        tracing::warn!(error = %self, "the sandbox could not begin a call");
        match self {
            Self::Database(_) => Trouble::Later(None),
            Self::UnknownScheme | Self::Damaged { .. } => Trouble::Misconfigured(self.to_string()),
        }
    }

    /// What a caller makes of it when the commit may or may not have gone through.
    pub(super) fn while_acting(self) -> Trouble {
        tracing::warn!(error = %self, "the sandbox could not finish a call");
        Trouble::Unknown
    }
}
