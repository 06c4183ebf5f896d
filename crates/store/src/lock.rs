//! The lock file that keeps a second `serve` off the same data folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::file_modes;
use crate::open::OpenError;

/// Held for as long as the process lives; the system gives it back even after `kill -9`.
#[derive(Debug)]
pub(crate) struct LockFile(#[expect(dead_code, reason = "held, never read")] File);

impl LockFile {
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Folder { path: path.display().to_string(), source };
        let file = file_modes::options().create(true).truncate(false).open(path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::AlreadyServed(path.display().to_string())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}
