//! When SQLite's log is copied into the database (a checkpoint), and by whom.
//!
//! SQLite does it inside a commit, and whoever waits for that commit waits for the copy too. Here it is done when they have their answers. Where
//! much has gathered, as behind a reader that holds on to one moment for long, it is done beside the writer, who goes on meanwhile, and
//! then copies the rest: the log begins anew only when all of it was copied.
//!
//! See <https://www.sqlite.org/wal.html#ckpt> and <https://www.sqlite.org/pragma.html#pragma_wal_checkpoint>.

use std::path::Path;
use std::thread::{self, JoinHandle};

use crate::db::{Conn, Tx};
use crate::embedded::Embedded;
use crate::error::StoreError;
use crate::row::Cell;

/// From so many pages on the log is copied: SQLite's own default.
const WORTHWHILE: i64 = 1_000;

/// The writer copies no more than this many at once, as long as somebody else can.
const MOST: i64 = 4_000;

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

/// What is known of copies beside the writer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tried {
    /// How many pages the log had when the last one began.
    pages: i64,
    /// Whether it copied everything that was there.
    was_whole: bool,
}

impl Log {
    fn by(self, tried: Tried) -> By {
        let waiting = self.pages - self.copied;
        if waiting < WORTHWHILE {
            return By::Nobody;
        }
        if waiting <= MOST || tried.was_whole {
            return By::Writer;
        }
        // Whoever holds on to a moment does so for a while: it is not asked for after every commit.
        let is_another = self.pages < tried.pages;
        if is_another || self.pages >= tried.pages + WORTHWHILE { By::Another } else { By::Nobody }
    }
}

/// The copies of a writer's log.
#[derive(Default)]
pub(crate) struct Checkpoints {
    beside: Option<JoinHandle<Result<Log, StoreError>>>,
    tried: Tried,
    /// Whether the last one failed; that is said once.
    is_ill: bool,
}

impl Checkpoints {
    /// Has the log copied after a commit, if it is worth it.
    pub(crate) fn follow(&mut self, tx: &mut Tx) {
        let Conn::Writing(conn) = &mut tx.db.conn else { return };
        if self.beside.as_ref().is_some_and(|copying| !copying.is_finished()) {
            return;
        }
        let copied = self.end().and_then(|()| self.copy(conn));
        if let (Err(error), false) = (&copied, self.is_ill) {
            tracing::warn!(%error, "the database's log could not be copied into the database; it grows until that can be done");
        }
        self.is_ill = copied.is_err();
    }

    fn copy(&mut self, conn: &mut Embedded) -> Result<(), StoreError> {
        let log = checkpoint(conn, "NOOP")?;
        match log.by(self.tried) {
            By::Nobody => {}
            By::Writer => {
                self.tried = Tried::default();
                checkpoint(conn, "PASSIVE")?;
            }
            By::Another => {
                self.tried = Tried { pages: log.pages, was_whole: false };
                let path = conn.path().to_owned();
                let copying = thread::Builder::new().name("checkpoint".into()).spawn(move || copy_beside(&path));
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
        let log = copying.join().map_err(|_| StoreError::Panicked)??;
        self.tried.was_whole = log.copied == log.pages;
        Ok(())
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        // Whoever closes the database is its last user.
        let _ = self.end();
    }
}

fn copy_beside(path: &Path) -> Result<Log, StoreError> {
    let mut conn = Embedded::open(path, &[])?;
    let log = checkpoint(&mut conn, "PASSIVE");
    conn.close()?;
    log
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

    #[test]
    fn what_is_little_is_copied_by_the_writer_and_what_is_much_beside_it() {
        let new = Tried::default();
        let by = |pages, copied, tried| Log { pages, copied }.by(tried);
        assert_eq!(by(999, 0, new), By::Nobody);
        assert_eq!(by(1_000, 0, new), By::Writer);
        assert_eq!(by(1_000, 1, new), By::Nobody, "it has been copied meanwhile");
        assert_eq!(by(4_000, 0, new), By::Writer);
        assert_eq!(by(4_001, 0, new), By::Another);
        let held = Tried { pages: 4_001, was_whole: false };
        assert_eq!(by(5_000, 0, held), By::Nobody, "somebody holds it");
        assert_eq!(by(5_001, 0, held), By::Another, "it is asked for again when there is more");
        assert_eq!(by(4_000, 3_500, held), By::Nobody);
        let whole = Tried { was_whole: true, ..held };
        assert_eq!(
            by(9_000, 4_001, whole),
            By::Writer,
            "the rest, however much: there is always somebody who gets to the end"
        );
        let longer = Tried { pages: 50_000, was_whole: false };
        assert_eq!(by(4_500, 0, longer), By::Another, "it is another log");
    }
}
