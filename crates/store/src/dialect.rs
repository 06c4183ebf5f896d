//! The few places where the two databases differ.

use std::fmt::Write as _;
use std::time::Duration;

use crate::feed;

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

    /// Adds `($1, $2), ($3, $4)` for so many rows of so many columns. SQLite looks a numbered value up among all that came
    /// before it, so that thousands of them cost their square: there the values have only their order.
    pub(crate) fn push_rows(self, sql: &mut String, rows: usize, columns: usize) {
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..columns {
                sql.push_str(if column == 0 { "" } else { ", " });
                match self {
                    Self::Sqlite => sql.push('?'),
                    // Writing to a string cannot fail.
                    Self::Postgres => drop(write!(sql, "${}", row * columns + column + 1)),
                }
            }
            sql.push(')');
        }
    }

    /// Begins a transaction that writes; on PostgreSQL one that waits for a lock so long at most.
    pub(crate) fn begin(self, lock_wait: Duration) -> String {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE".to_owned(),
            Self::Postgres => format!("{}; SET LOCAL lock_timeout = {}", feed::BEGIN, lock_wait.as_millis()),
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

    /// Holds the rows of a `SELECT` against changes until the commit; others may hold them too.
    pub(crate) const fn for_share(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR SHARE",
        }
    }

    /// Holds an API key or a partner against changes until the commit; others may hold it too. SQLite has one writer.
    pub(crate) const fn hold_shared(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT CAST(pg_advisory_xact_lock_shared(hashtextextended($1, 1)) AS TEXT)"),
        }
    }

    /// Holds two of them at once.
    pub(crate) const fn hold_both_shared(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(
                "SELECT CAST(pg_advisory_xact_lock_shared(hashtextextended($1, 1)) AS TEXT),
                    CAST(pg_advisory_xact_lock_shared(hashtextextended($2, 1)) AS TEXT)",
            ),
        }
    }

    /// Holds one of them, alone.
    pub(crate) const fn hold_alone(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 1)) AS TEXT)"),
        }
    }

    /// A column that no index is to be chosen by. PostgreSQL knows from its statistics which to choose.
    pub(crate) fn passed_over(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("+{column}"),
            Self::Postgres => column.to_owned(),
        }
    }

    /// Finds a partner's rows, whose id is the first value, by an index that begins with the partner. Together
    /// with [`Self::newest_first`] it keeps PostgreSQL from walking the primary key instead, which looks cheap to
    /// it, and passes over the newer rows of everybody else: only an index of the partner has that order.
    pub(crate) const fn of_partner(self) -> &'static str {
        match self {
            Self::Sqlite => "partner = $1",
            Self::Postgres => "partner = ANY(ARRAY[$1])",
        }
    }

    /// A bound that the planner cannot weigh. PostgreSQL takes a range at the end of what it knows of the ids for next
    /// to empty, and would read and sort thousands of rows to show a page of them.
    pub(crate) fn unseen(self, place: usize) -> String {
        match self {
            Self::Sqlite => format!("${place}"),
            Self::Postgres => format!("(SELECT ${place})"),
        }
    }

    /// The order of every list.
    pub(crate) const fn newest_first(self) -> &'static str {
        match self {
            Self::Sqlite => "ORDER BY id DESC",
            Self::Postgres => "ORDER BY partner DESC, id DESC",
        }
    }

    /// Passes over rows that another worker is claiming.
    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// The mark of a row of a table that is written now: see `marks`.
    pub(crate) fn mark(self, table: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT COALESCE(MAX(mark), 0) + 1 FROM {table})"),
            Self::Postgres => "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)".into(),
        }
    }

    /// Where an event stands in the feed of its partner and world (what says which). On PostgreSQL it
    /// is the transaction's number, so that a reader can stop below the oldest of ours still running (see
    /// [`feed`]) and never skip a late commit. A transaction that began before another and waited for it tells after it: it takes the
    /// other's place, where its higher id puts it behind. The oldest one running is never above its own number,
    /// so that this hides an event no less.
    pub(crate) fn feed_position(self, partner: &str, world: &str) -> String {
        match self {
            Self::Sqlite => "0".to_owned(),
            Self::Postgres => format!(
                "GREATEST(CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), COALESCE(
                    (SELECT MAX(position) FROM events WHERE partner = {partner} AND world = {world}), 0))"
            ),
        }
    }
}
