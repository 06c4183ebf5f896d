//! The few places where the two databases differ.

/// Which database is underneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// Several processes, several machines.
    Postgres,
}

impl Backend {
    /// From a database URL.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        match url.split(':').next() {
            Some("sqlite") => Some(Self::Sqlite),
            Some("postgres" | "postgresql") => Some(Self::Postgres),
            _ => None,
        }
    }

    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// Begins a transaction that only reads, and sees one moment.
    pub(crate) const fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN DEFERRED",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Locks the rows of a `SELECT` until the commit; SQLite has one writer and needs none.
    pub(crate) const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// Keeps others from changing the rows of a `SELECT` until the commit.
    pub(crate) const fn for_share(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR SHARE",
        }
    }

    /// Passes over rows that another worker is claiming.
    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Leaves out events that an earlier one may still be told before.
    pub(crate) const fn settled_positions(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "AND position < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)",
        }
    }

    /// Where an event stands in the feed. On PostgreSQL it is the transaction's number, so that a
    /// reader can stop below the oldest one still running and never skip a late commit.
    pub(crate) const fn feed_position(self) -> &'static str {
        match self {
            Self::Sqlite => "0",
            Self::Postgres => "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)",
        }
    }
}
