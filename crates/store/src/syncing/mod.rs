//! Brings what was committed to the disk, beside the writer: nobody is answered before it is there, and the writer goes on meanwhile.
//!
//! SQLite is told to leave it (`synchronous = NORMAL`: a commit is written, and the log stays one from whose end something may be missing).
//! The file is synced here after each group, or after several that were committed during the last sync. See <https://www.sqlite.org/wal.html>.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::Notify;
use tracing::dispatcher;

use crate::embedded::Embedded;
use crate::error::StoreError;
use crate::row::Cell;

/// A group that is committed: it is told whether it is on the disk.
pub(crate) type Committed = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// So many groups are on their way to the disk at most when another one begins: one for which it is asked, and one that is the next.
const UNDER_WAY: usize = 2;

/// How soon it is tried again what the disk did not take.
const AGAIN: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 1_000 });

/// How a copy of the whole log begins: whoever reads has a moment to end.
const COPYING: &str = if cfg!(test) { "PRAGMA busy_timeout = 0" } else { "PRAGMA busy_timeout = 2000" };

/// The thread that syncs, and what waits for it.
pub(crate) struct Syncer {
    groups: Option<mpsc::Sender<Committed>>,
    thread: Option<JoinHandle<()>>,
    progress: Arc<Progress>,
}

/// How far the thread is.
#[derive(Default)]
struct Progress {
    /// Groups that are not told yet.
    waiting: AtomicUsize,
    /// Whether the disk did not take what it was given.
    is_ill: AtomicBool,
    /// Whether nobody waits for it to get well.
    is_closing: AtomicBool,
    has_ended: AtomicBool,
    /// Any of these is another than it was.
    changed: Notify,
}

/// Tells that the thread has ended, however it did.
struct Ending(Arc<Progress>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.has_ended.store(true, Ordering::Release);
        self.0.changed.notify_one();
    }
}

impl Syncer {
    /// Starts the thread. Its log is that of a database which somebody has opened.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(crate) fn start(database: &Path) -> Result<Self, StoreError> {
        let mut disk = Disk::of(database);
        Self::by(move || disk.sync())
    }

    /// The same, with another way to bring what was committed to the disk, which answers whether it did.
    fn by(sync: impl FnMut() -> bool + Send + 'static) -> Result<Self, StoreError> {
        let (groups, committed) = mpsc::channel();
        let progress = Arc::new(Progress::default());
        let (ours, log) = (Ending(progress.clone()), dispatcher::get_default(Clone::clone));
        let serving = move || dispatcher::with_default(&log, || serve(sync, &committed, &ours.0));
        let thread = thread::Builder::new().name("sync".into()).spawn(serving).map_err(|_| StoreError::Closed)?;
        Ok(Self { groups: Some(groups), thread: Some(thread), progress })
    }

    /// Has a group told when it is on the disk.
    pub(crate) fn follow(&self, group: Committed) {
        self.progress.waiting.fetch_add(1, Ordering::AcqRel);
        let sent = match &self.groups {
            Some(groups) => groups.send(group).map_err(|unsent| unsent.0),
            None => Err(group),
        };
        // The thread has panicked: what is in the log may be on the disk or not.
        if let Err(group) = sent {
            self.progress.waiting.fetch_sub(1, Ordering::AcqRel);
            group(Err(StoreError::Closed));
        }
    }

    /// Whether some are not on the disk yet, and will be soon.
    pub(crate) fn is_busy(&self) -> bool {
        self.progress.under_way() > 0 && !self.is_ill() && !self.has_ended()
    }

    /// Returns when something of that may have changed. There is one who waits.
    pub(crate) async fn progress(&self) {
        self.progress.changed.notified().await;
    }

    /// Whether another group may begin: on a slow disk the writer does not run away from it, and beside an ill one nothing is begun.
    pub(crate) fn has_room(&self) -> bool {
        self.progress.under_way() < UNDER_WAY && !self.is_ill()
    }

    /// Whether the disk did not take what it was given.
    pub(crate) fn is_ill(&self) -> bool {
        self.progress.is_ill.load(Ordering::Acquire)
    }

    /// Whether nobody syncs any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.progress.has_ended.load(Ordering::Acquire)
    }
}

impl Progress {
    fn under_way(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    fn ill(&self, is_ill: bool) {
        if self.is_ill.swap(is_ill, Ordering::AcqRel) != is_ill {
            self.changed.notify_one();
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.progress.is_closing.store(true, Ordering::Release);
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic is told where it happened.
            let _ = thread.join();
        }
    }
}

fn serve(mut sync: impl FnMut() -> bool, committed: &mpsc::Receiver<Committed>, progress: &Progress) {
    while let Ok(first) = committed.recv() {
        let groups: Vec<_> = std::iter::once(first).chain(committed.try_iter()).collect();
        let (synced, told) = (insist(&mut sync, progress), groups.len());
        for group in groups {
            group(if synced { Ok(()) } else { Err(StoreError::NotCommitted) });
        }
        progress.waiting.fetch_sub(told, Ordering::AcqRel);
        progress.changed.notify_one();
    }
}

/// Tries until everything is on the disk: whoever waits was promised an answer that holds. Only who closes the database is told before.
fn insist(sync: &mut impl FnMut() -> bool, progress: &Progress) -> bool {
    while !sync() {
        progress.ill(true);
        if progress.is_closing.load(Ordering::Acquire) {
            return false;
        }
        thread::park_timeout(AGAIN);
    }
    progress.ill(false);
    true
}

/// Where the log is to be brought.
struct Disk {
    database: PathBuf,
    log: Option<File>,
    /// Whether some of the log may be missing on the disk although a later sync went well: what the disk did not take is not tried again.
    is_ill: bool,
}

impl Disk {
    fn of(database: &Path) -> Self {
        // SQLite follows links, and keeps the log beside what they lead to.
        let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
        let mut disk = Self { database, log: None, is_ill: false };
        // What went wrong before a file was opened is not told to whoever opens it later.
        disk.log = disk.open_log().ok();
        disk
    }

    fn open_log(&self) -> io::Result<File> {
        File::open(format!("{}-wal", self.database.display()))
    }

    /// Answers whether everything that was committed is on the disk.
    fn sync(&mut self) -> bool {
        if !self.is_ill {
            let Err(error) = self.sync_log() else { return true };
            tracing::error!(%error, "the database's log could not be brought to the disk; nothing is written until all of it is copied into the database");
            self.is_ill = true;
        }
        match self.copy() {
            Ok(()) => {
                self.is_ill = false;
                tracing::warn!("the database's log was copied into the database; all of it is on the disk");
                true
            }
            Err(error) => {
                tracing::debug!(%error, "the database's log could not be copied into the database");
                false
            }
        }
    }

    fn sync_log(&mut self) -> io::Result<()> {
        let log = match self.log.take() {
            Some(log) => log,
            None => self.open_log()?,
        };
        log.sync_data()?;
        self.log = Some(log);
        Ok(())
    }

    /// Copies all of the log and begins another one: nothing is read any more of what may be missing.
    fn copy(&mut self) -> Result<(), StoreError> {
        let log = self.open_log().map_err(|_| StoreError::NotCommitted)?;
        let mut conn = Embedded::open(&self.database, &[COPYING])?;
        let row = conn.one("PRAGMA main.wal_checkpoint(TRUNCATE)", &[])?;
        let was_held = row.is_none_or(|row| *row.cell(0) != Cell::Int(0));
        conn.close()?;
        if was_held {
            return Err(StoreError::Busy);
        }
        // The old one is to be gone from the disk too.
        log.sync_all().map_err(|_| StoreError::NotCommitted)?;
        self.log = Some(log);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
