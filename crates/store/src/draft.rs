//! A file under a hidden name, until it is whole and gets its own.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::file_modes::{self, folder_of};

/// Stands in such a name before the number of the process that makes it.
const MARK: &str = ".mailwright-draft-";

/// It is removed when this is dropped: with another name by then, or given up.
#[derive(Debug)]
pub(crate) struct Draft {
    path: PathBuf,
    /// Held as long as somebody makes it; the system gives it back even after `kill -9`.
    _lock: File,
}

impl Draft {
    /// Begins one in the same folder as what it is to become. What processes that have died left there is removed.
    pub(crate) fn begin(to: &Path) -> io::Result<Self> {
        let folder = folder_of(to);
        sweep(folder);
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = folder.join(format!(".{name}{MARK}{}", std::process::id()));
        let lock = file_modes::options().create_new(true).open(&path)?;
        // Where there are no locks, nobody takes it for one that was left either.
        let _ = lock.try_lock();
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After success it has another name already.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes what nobody makes any more. Whatever cannot be looked at stays.
fn sweep(folder: &Path) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let is_draft = path.file_name().is_some_and(|name| name.to_string_lossy().contains(MARK));
        if is_draft && is_left(&path) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether nobody holds it. One that is empty may have been begun just now.
fn is_left(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    file.metadata().is_ok_and(|found| found.is_file() && found.len() > 0) && file.try_lock().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dead_have_left_goes_and_what_the_living_make_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let living = Draft::begin(&file("living.db")).unwrap();
        fs::write(living.path(), "half").unwrap();
        for name in [".dead.db.mailwright-draft-1", ".begun.db.mailwright-draft-2", ".other-draft-3"] {
            fs::write(file(name), if name.contains("begun") { "" } else { "half" }).unwrap();
        }
        let next = Draft::begin(&file("next.db")).unwrap();
        assert!(living.path().exists() && next.path().exists());
        assert!(!file(".dead.db.mailwright-draft-1").exists());
        assert!(file(".begun.db.mailwright-draft-2").exists() && file(".other-draft-3").exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
    }
}
