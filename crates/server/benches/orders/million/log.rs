//! How far SQLite has copied its log into the database, as every process that has the database open is told in the file `-shm`.
//!
//! See <https://www.sqlite.org/walformat.html#wal_index_header>.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::server_process::Home;

/// How much of the file is looked at.
const HEADER: usize = 136;

/// Where in it stands how many pages the log has, which log it is, how many pages were copied, and how many are to be.
const FRAMES: usize = 16;
const SALT: usize = 32;
const COPIED: usize = 96;
const WANTED: usize = 128;

/// A server's log.
#[derive(Debug)]
pub(super) struct Log {
    index: File,
    log: PathBuf,
}

/// One look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Counts up when it begins anew.
    number: u32,
    frames: u32,
    copied: u32,
    wanted: u32,
}

impl Log {
    /// That of a server which runs.
    pub(super) fn open(home: &Home) -> anyhow::Result<Self> {
        let index = File::open(home.file("mailwright.db-shm")).context("the server has no log")?;
        Ok(Self { index, log: home.file("mailwright.db-wal") })
    }

    pub(super) fn look(&self) -> anyhow::Result<Look> {
        let mut header = [0; HEADER];
        self.index.read_exact_at(&mut header, 0)?;
        let four = |at: usize| header.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
        let number = |at| u32::from_ne_bytes(four(at));
        // As it stands in the log, whatever the machine's order.
        let of_log = u32::from_be_bytes(four(SALT));
        Ok(Look { number: of_log, frames: number(FRAMES), copied: number(COPIED), wanted: number(WANTED) })
    }

    /// How large its file is, in megabytes.
    pub(super) fn megabytes(&self) -> anyhow::Result<f64> {
        Ok(std::fs::metadata(&self.log)?.len() as f64 / 1_000_000.0)
    }
}

impl Look {
    /// How often the log has begun anew since; each time all of it had been copied.
    pub(super) const fn begun_since(&self, before: &Self) -> u32 {
        self.number.wrapping_sub(before.number)
    }

    /// Whether something was copied between another look and this one, or is being copied.
    pub(super) fn copied_since(&self, before: &Self) -> bool {
        let (is_new, was_whole) = (self.number != before.number, before.copied == before.frames);
        let copied = if is_new { self.copied != 0 || !was_whole } else { self.copied != before.copied };
        copied || self.is_copying() || before.is_copying() || self.begun_since(before) > 1
    }

    const fn is_copying(&self) -> bool {
        self.wanted > self.copied
    }
}
