//! Copies the pages of an SQLite database as they stand at one moment, no faster than lets others work beside it.
//!
//! A commit waits for the disk. Whoever puts down a whole database at once keeps it waiting for as long as that takes; so a copy is put down
//! in pieces, each of them is waited for, and after each the disk is left alone for as long as that took.
//!
//! See <https://www.sqlite.org/backup.html>.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rusqlite::backup::StepResult;
use tokio::time::Instant;

use crate::backup::BackupError;
use crate::connect;
use crate::embedded::Embedded;
use crate::error::StoreError;

/// So many pages are put down at once: half a megabyte. A commit that comes meanwhile waits for no more.
const PIECE: i32 = 128;

/// After a piece others have the disk for no longer than this, however long it took.
const MOST_REST: Duration = Duration::from_secs(1);

/// Nobody knows of the copy until it is whole, so that nothing has to be taken back; what it holds back of a piece is less than a piece.
const COPYING: &[&str] = &["PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -256"];

/// Copies every page into a file that is there and empty. Dropped half-way, it ends with the next piece.
///
/// # Errors
/// When the database cannot be read, or the file cannot be written.
pub(crate) async fn copy(from: PathBuf, to: PathBuf) -> Result<(), BackupError> {
    let (_wanted, unwanted) = channel();
    let copying = tokio::task::spawn_blocking(move || copy_all(&from, &to, &unwanted));
    copying.await.unwrap_or(Err(StoreError::Panicked.into()))
}

fn copy_all(from: &Path, to: &Path, unwanted: &Receiver<()>) -> Result<(), BackupError> {
    let place = |source| BackupError::Place { path: to.display().to_string(), source };
    let mut original = Embedded::open(from, connect::LOOKING)?;
    // What is read from here on is one moment, whoever writes meanwhile.
    original.control("BEGIN; SELECT 1 FROM meta LIMIT 1")?;
    let (file, mut copy) = (File::options().write(true).open(to).map_err(place)?, Embedded::open(to, COPYING)?);
    let copying = original.copy_to(&mut copy)?;
    loop {
        let began = Instant::now();
        let step = copying.step(PIECE).map_err(StoreError::from)?;
        file.sync_data().map_err(place)?;
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => rest(unwanted, began.elapsed())?,
            _ => return Err(StoreError::Busy.into()),
        }
    }
}

fn rest(unwanted: &Receiver<()>, time: Duration) -> Result<(), StoreError> {
    match unwanted.recv_timeout(time.min(MOST_REST)) {
        Err(RecvTimeoutError::Timeout) => Ok(()),
        _ => Err(StoreError::Closed),
    }
}
