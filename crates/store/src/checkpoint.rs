//! When SQLite's log is copied into the database (a checkpoint), and by whom.
//!
//! SQLite does it inside a commit, and whoever waits for that commit waits for the copy too. Here it is done beside the writer, who goes on
//! meanwhile. The log begins anew only when all of it was copied: where something new is written during every copy it would have no end, and
//! the writer copies what has come during the last one itself, after its commit.
//!
//! See <https://www.sqlite.org/wal.html#ckpt> and <https://www.sqlite.org/pragma.html#pragma_wal_checkpoint>.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::db::{Conn, Tx};
use crate::embedded::Embedded;
use crate::error::StoreError;
use crate::row::Cell;

/// From so many pages on the log is copied: SQLite's own default.
const WORTHWHILE: i64 = 1_000;

/// From so many pages on, 64 megabytes, the log is to come to its end.
const LONG: i64 = 16_000;

/// How many pages the log has, and how many of them were copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Log {
    pages: i64,
    copied: i64,
}

/// Who is to copy the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Nobody,
    Writer,
    Another,
}

/// What was not copied as a whole is tried again after so long, also when nothing is written.
pub(crate) const AGAIN: Duration = Duration::from_secs(2);

/// What is known of copies beside the writer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tried {
    /// How many pages the log had when the last one began.
    pages: i64,
    /// When that was.
    at: Duration,
    /// Whether it copied everything that was there.
    was_whole: bool,
}

impl Log {
    fn by(self, tried: Tried, now: Duration) -> By {
        let is_another = self.pages < tried.pages;
        if tried.was_whole && !is_another && self.pages >= LONG {
            return By::Writer;
        }
        // Whoever holds on to a moment does so for a while: it is not asked for after every commit.
        let is_more = is_another || tried.was_whole || self.pages >= tried.pages + WORTHWHILE;
        let is_more = is_more || now >= tried.at + AGAIN;
        if self.waiting() >= WORTHWHILE && is_more { By::Another } else { By::Nobody }
    }

    const fn waiting(self) -> i64 {
        self.pages - self.copied
    }
}

/// A copy beside the writer, with the connection that makes it: to open one anew costs as much as a small copy.
type Copying = JoinHandle<Result<(Embedded, Log), StoreError>>;

/// The copies of a writer's log.
#[derive(Default)]
pub(crate) struct Checkpoints {
    beside: Option<Copying>,
    /// What the last copy was made on.
    spare: Option<Embedded>,
    tried: Tried,
    /// Whether there was enough to copy at the last look.
    is_behind: bool,
    /// Whether none has succeeded since one failed; that is said once.
    is_ill: bool,
}

impl Checkpoints {
    /// Whether there is something left to do, although nothing is written.
    pub(crate) fn is_behind(&self) -> bool {
        self.beside.is_some() || self.is_behind
    }

    /// Has the log copied after a commit, if it is worth it.
    pub(crate) fn follow(&mut self, tx: &mut Tx, now: Duration) {
        let Conn::Writing(conn) = &mut tx.db.conn else { return };
        if self.beside.as_ref().is_some_and(|copying| !copying.is_finished()) {
            return;
        }
        let Err(error) = self.end().and_then(|()| self.copy(conn, now)) else { return };
        if !std::mem::replace(&mut self.is_ill, true) {
            tracing::warn!(%error, "the database's log could not be copied into the database; it grows until that can be done");
        }
    }

    fn copy(&mut self, conn: &mut Embedded, now: Duration) -> Result<(), StoreError> {
        let log = checkpoint(conn, "NOOP")?;
        self.is_behind = log.waiting() >= WORTHWHILE;
        match log.by(self.tried, now) {
            By::Nobody => {}
            By::Writer => {
                self.tried = Tried::default();
                checkpoint(conn, "PASSIVE")?;
            }
            By::Another => {
                self.tried = Tried { pages: log.pages, at: now, was_whole: false };
                let copier = match self.spare.take() {
                    Some(copier) => copier,
                    None => conn.anew(&[])?,
                };
                let copying = thread::Builder::new().name("checkpoint".into()).spawn(move || copy_beside(copier));
                self.beside = Some(copying.map_err(|_| StoreError::Closed)?);
            }
        }
        Ok(())
    }

    /// Waits for a copy beside the writer.
    ///
    /// # Errors
    /// Why it was not made.
    fn end(&mut self) -> Result<(), StoreError> {
        let Some(copying) = self.beside.take() else { return Ok(()) };
        let (copier, log) = copying.join().map_err(|_| StoreError::Panicked)??;
        self.spare = Some(copier);
        self.tried.was_whole = log.copied == log.pages;
        self.is_ill = false;
        Ok(())
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        // Whoever closes the database is its last user.
        let _ = self.end();
    }
}

fn copy_beside(mut copier: Embedded) -> Result<(Embedded, Log), StoreError> {
    let log = checkpoint(&mut copier, "PASSIVE")?;
    Ok((copier, log))
}

/// Nothing is copied, and nothing told, while somebody else copies.
fn checkpoint(conn: &mut Embedded, mode: &str) -> Result<Log, StoreError> {
    let row = conn.one(&format!("PRAGMA main.wal_checkpoint({mode})"), &[])?;
    let number = |at| match row.as_ref().map(|row| row.cell(at)) {
        Some(Cell::Int(number)) => (*number).max(0),
        _ => 0,
    };
    Ok(Log { pages: number(1), copied: number(2) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(pages: i64, copied: i64, tried: Tried) -> By {
        Log { pages, copied }.by(tried, AGAIN / 2)
    }

    #[test]
    fn the_log_is_copied_beside_the_writer_when_it_is_worth_it() {
        let new = Tried::default();
        assert_eq!(by(999, 0, new), By::Nobody);
        assert_eq!(by(1_000, 0, new), By::Another);
        assert_eq!(by(1_000, 1, new), By::Nobody);
        let whole = Tried { pages: 1_000, was_whole: true, ..new };
        assert_eq!(by(1_900, 1_000, whole), By::Nobody);
        assert_eq!(by(2_000, 1_000, whole), By::Another);
        assert_eq!(by(400, 0, whole), By::Nobody, "it has begun anew");
    }

    #[test]
    fn what_somebody_holds_is_not_asked_for_after_every_commit() {
        let held = Tried { pages: 20_000, ..Tried::default() };
        assert_eq!(by(20_999, 300, held), By::Nobody);
        assert_eq!(by(21_000, 300, held), By::Another);
        assert_eq!(by(1_000, 0, held), By::Another, "it is another log");
        let log = Log { pages: 20_000, copied: 300 };
        assert_eq!((log.by(held, AGAIN / 2), log.by(held, AGAIN)), (By::Nobody, By::Another));
    }

    #[test]
    fn a_log_comes_to_its_end_though_something_is_written_during_every_copy() {
        let whole = Tried { pages: 15_000, was_whole: true, ..Tried::default() };
        assert_eq!(by(15_999, 15_000, whole), By::Nobody);
        assert_eq!(by(16_000, 15_000, whole), By::Writer);
        assert_eq!(by(16_000, 15_990, whole), By::Writer, "however little is left");
        assert_eq!(by(16_000, 3_000, Tried { was_whole: false, ..whole }), By::Another, "somebody held it");
    }
}
