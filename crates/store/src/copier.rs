//! Copies what SQLite's log holds into the database file, beside the writer.
//!
//! Left to itself SQLite does that inside whichever commit finds the log long, and whoever waits for that commit waits for the copy too:
//! some milliseconds as a rule, seconds where a backup has kept the log from being copied until now. A copy on another
//! connection keeps nobody from writing. Only what was written meanwhile is left then, and the log begins anew at the next write that
//! finds nothing left. Where writes come too fast for that, the writer is asked to copy the little that is left, between two groups.
//!
//! See <https://www.sqlite.org/wal.html#ckpt>.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;

use crate::connect;
use crate::embedded::Embedded;
use crate::error::StoreError;
use crate::row::Cell;

/// Copies as much as can be without keeping anybody from anything.
pub(crate) const COPY: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Copies nothing, and says how much there is.
const LOOK: &str = "PRAGMA wal_checkpoint(NOOP)";

/// The pages from which a log is copied: as many as SQLite would wait for.
const LONG: i64 = 1_000;

/// The pages from which the writer is asked to help: what is looked up in a log takes longer the longer it is.
const TOO_LONG: i64 = 4_000;

/// So many pages the writer copies in a moment.
const FEW: i64 = 1_000;

/// How often what was written during a copy is copied at once.
const ROUNDS: usize = 3;

/// Whoever copies. It ends when this is closed or dropped.
pub(crate) struct Copier {
    news: SyncSender<()>,
    wants_writer: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// The pages of a log, and those of them that are not copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pages {
    all: i64,
    left: i64,
}

impl Copier {
    /// Starts its thread. Its connection to the database is opened when there is something to copy.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(crate) fn start(database: &Path) -> Result<Self, StoreError> {
        let ((news, heard), wants_writer) = (mpsc::sync_channel(1), Arc::new(AtomicBool::new(false)));
        let (database, wants) = (database.to_owned(), wants_writer.clone());
        let thread = std::thread::Builder::new().name("copier".into());
        let thread = thread.spawn(move || serve(&database, &heard, &wants)).map_err(|_| StoreError::Closed)?;
        Ok(Self { news, wants_writer, thread })
    }

    /// Says that something was written.
    pub(crate) fn look(&self) {
        if let Err(TrySendError::Disconnected(())) = self.news.try_send(()) {
            // Slower, and sure.
            self.wants_writer.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the writer is to copy what is left; said once.
    pub(crate) fn wants_writer(&self) -> bool {
        self.wants_writer.swap(false, Ordering::Relaxed)
    }

    /// Waits for the copy that is under way, and lets go of the database.
    pub(crate) fn close(self) {
        let Self { news, thread, .. } = self;
        drop(news);
        // There is nothing to do about a panic.
        let _ = thread.join();
    }
}

fn serve(database: &Path, heard: &Receiver<()>, wants_writer: &AtomicBool) {
    let mut conn = None;
    while heard.recv().is_ok() {
        match look(&mut conn, database) {
            Ok(wants) => wants_writer.store(wants, Ordering::Relaxed),
            Err(error) => {
                tracing::warn!(%error, "the database's log could not be copied into the database; it is tried again");
                conn = None;
            }
        }
    }
    if let Some(Err(error)) = conn.map(Embedded::close) {
        tracing::warn!(%error, "the connection that copies the log could not be closed");
    }
}

fn look(conn: &mut Option<Embedded>, database: &Path) -> Result<bool, StoreError> {
    let conn = match conn {
        Some(conn) => conn,
        none => none.insert(Embedded::open(database, connect::WRITING)?),
    };
    copy(conn)
}

/// Copies a log that is long; answers whether the writer has to help.
fn copy(conn: &mut Embedded) -> Result<bool, StoreError> {
    let mut pages = ask(conn, LOOK)?;
    for _ in 0..ROUNDS {
        if pages.all < LONG || pages.left == 0 {
            break;
        }
        pages = ask(conn, COPY)?;
    }
    Ok(pages.all >= TOO_LONG && (1..=FEW).contains(&pages.left))
}

fn ask(conn: &mut Embedded, what: &'static str) -> Result<Pages, StoreError> {
    // Whether somebody was in the way stands before them, and how many were copied.
    let row = conn.one(what, &[])?;
    Ok(match row.as_ref().map(|row| (row.cell(1), row.cell(2))) {
        Some((Cell::Int(all), Cell::Int(copied))) => Pages { all: *all, left: all - copied },
        _ => Pages { all: 0, left: 0 },
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::{COPY, Copier, LONG, LOOK, Pages, TOO_LONG, ask, copy};
    use crate::connect;
    use crate::embedded::Embedded;

    struct Place {
        folder: TempDir,
        writer: Embedded,
        copier: Embedded,
    }

    impl Place {
        fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("mailwright.db");
            std::fs::File::create(&file).unwrap();
            let mut writer = Embedded::open(&file, &connect::of_the_writer()).unwrap();
            writer.control("CREATE TABLE pages (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)").unwrap();
            let copier = Embedded::open(&file, connect::WRITING).unwrap();
            Self { folder, writer, copier }
        }

        /// Writes so many pages in one transaction.
        fn write(&mut self, pages: i64) {
            let series = format!("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {pages})");
            let sql = format!("{series} INSERT INTO pages (bytes) SELECT zeroblob(4000) FROM s");
            self.writer.control(&sql).unwrap();
        }

        fn pages(&mut self) -> Pages {
            ask(&mut self.copier, LOOK).unwrap()
        }

        /// Somebody who sees the database as it stands now until told otherwise.
        fn reader(&self) -> Embedded {
            let mut reader = Embedded::open(&self.folder.path().join("mailwright.db"), &[]).unwrap();
            reader.control("BEGIN").unwrap();
            reader.one("SELECT COUNT(*) FROM pages", &[]).unwrap();
            reader
        }
    }

    #[test]
    fn a_long_log_is_copied_beside_the_writer_and_not_in_a_commit() {
        let mut place = Place::open();
        place.write(LONG);
        place.write(LONG);
        let Pages { all, left } = place.pages();
        assert!(all > 2 * LONG && left == all, "{left} of {all} are left");
        assert!(!copy(&mut place.copier).unwrap());
        assert_eq!(place.pages(), Pages { all, left: 0 });
        place.write(1);
        assert!(place.pages().all < LONG, "the log has not begun anew");
    }

    #[test]
    fn a_short_log_is_left_alone() {
        let mut place = Place::open();
        place.write(LONG / 2);
        assert!(!copy(&mut place.copier).unwrap());
        let Pages { all, left } = place.pages();
        assert!(left > 0 && left == all, "{left} of {all} are left");
    }

    #[test]
    fn what_somebody_still_reads_keeps_the_rest_from_being_copied_and_the_writer_from_nothing() {
        let mut place = Place::open();
        place.write(LONG);
        let mut reader = place.reader();
        place.write(2 * LONG);
        assert!(!copy(&mut place.copier).unwrap());
        assert!(place.pages().left >= 2 * LONG);
        place.write(TOO_LONG);
        // What is left is more than the writer copies in a moment.
        assert!(!copy(&mut place.copier).unwrap());
        reader.control("COMMIT").unwrap();
        assert!(!copy(&mut place.copier).unwrap());
        assert_eq!(place.pages().left, 0);
    }

    #[test]
    fn the_writer_is_asked_for_the_last_pages_of_a_log_that_is_too_long() {
        let mut place = Place::open();
        place.write(TOO_LONG);
        let mut reader = place.reader();
        place.write(LONG / 2);
        assert!(copy(&mut place.copier).unwrap());
        reader.control("COMMIT").unwrap();
        assert_eq!(ask(&mut place.writer, COPY).unwrap().left, 0);
        assert!(!copy(&mut place.copier).unwrap());
    }

    #[test]
    fn what_was_written_last_is_looked_at_before_the_end() {
        let mut place = Place::open();
        place.write(LONG);
        let copier = Copier::start(&place.folder.path().join("mailwright.db")).unwrap();
        copier.look();
        assert!(!copier.wants_writer());
        copier.close();
        assert_eq!(place.pages().left, 0);
    }
}
