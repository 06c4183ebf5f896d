//! A file under a hidden name, until it is whole and gets its own.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::file_modes::{self, companions, folder_of};

/// Stands in such a name before the number of the process that makes it. Nothing else is called so: [`is_name`].
const MARK: &str = ".mailwright-draft-";

/// Whether a file of this name would be taken for a draft: hidden, and ending with the mark and a number.
pub(crate) fn is_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = name.rsplit_once(MARK).filter(|(before, _)| before.len() > 1 && before.starts_with('.'));
    number.is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

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
        if is_name(&path)
            && let Some(_held) = left(&path)
        {
            for file in companions(&path).iter().chain([&path]) {
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// One that nobody holds, held. One that is empty may have been begun just now.
fn left(path: &Path) -> Option<File> {
    // Not what a link leads to, and no pipe, which would have to be waited for.
    if !path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() > 0) {
        return None;
    }
    let file = File::open(path).ok()?;
    file.try_lock().is_ok().then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_the_dead_have_left_goes_and_what_the_living_make_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let living = Draft::begin(&file("living.db")).unwrap();
        fs::write(living.path(), "half").unwrap();
        let (dead, journal) = (file(".dead.db.mailwright-draft-1"), file(".dead.db.mailwright-draft-1-journal"));
        let stay = [
            ".begun.db.mailwright-draft-2",
            ".other-draft-3",
            "seen.mailwright-draft-4",
            ".noted.mailwright-draft-notes",
            ".mailwright-draft-5",
            ".living.db.mailwright-draft-6-journal",
            ".none.mailwright-draft-",
        ];
        for name in stay.iter().map(|name| file(name)).chain([dead.clone(), journal.clone()]) {
            fs::write(&name, if name.ends_with(stay[0]) { "" } else { "half" }).unwrap();
        }
        std::os::unix::fs::symlink(file(stay[2]), file(".link.mailwright-draft-7")).unwrap();
        let pipe = file(".pipe.mailwright-draft-8");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let next = Draft::begin(&file("next.db")).unwrap();
        assert!(pipe.exists());
        assert!(living.path().exists() && next.path().exists());
        assert!(!dead.exists() && !journal.exists());
        assert!(stay.iter().all(|name| file(name).exists()));
        assert!(file(".link.mailwright-draft-7").exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
    }
}
