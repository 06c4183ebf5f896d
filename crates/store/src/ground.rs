//! What an SQLite database is opened on: its files, as they lie there before anybody touches them.

use std::path::Path;

use crate::db::Db;
use crate::error::StoreError;
use crate::file_modes::{self, beside, folder_of};
use crate::migrate;
use crate::open::{OpenError, Opening};
use crate::wal::{self, Log};

/// What `mailwright restore` names the files that it puts aside, after the database's own name.
pub(crate) const ASIDE: &str = ".before-restore-";

/// Refuses a log that is another file's and a database that was lost, and makes the file of a new one. Answers what
/// there is of a log; `None` for what is no file.
pub(crate) fn look(opening: &Opening) -> Result<Option<Log>, OpenError> {
    let Some(path) = file_modes::sqlite_file(&opening.url) else { return Ok(None) };
    let unusable = |source| OpenError::Folder { path: path.display().to_string(), source };
    if is_void(&path) {
        refuse_lost(&path, opening)?;
        if opening.create {
            file_modes::make_file(&path).map_err(unusable)?;
        }
        return Ok(Some(Log::None));
    }
    match wal::look(&path).map_err(unusable)? {
        Log::Foreign => Err(OpenError::ForeignLog { path: path.display().to_string() }),
        log => Ok(Some(log)),
    }
}

/// The same, for what can be seen only from inside.
pub(crate) async fn check(db: &mut Db, opening: &Opening, log: Option<Log>) -> Result<(), OpenError> {
    let Some(path) = file_modes::sqlite_file(&opening.url) else { return Ok(()) };
    if log == Some(Log::Uncounted) {
        let damage = damage(db, "PRAGMA quick_check(1)").await?;
        let damaged = |reason| OpenError::Damaged { path: path.display().to_string(), reason };
        damage.map_or(Ok(()), |reason| Err(damaged(reason)))?;
    }
    if !migrate::has_meta(db).await? {
        refuse_lost(&path, opening)?;
    }
    Ok(())
}

/// Whether there is neither a database nor anything left of one.
pub(crate) fn is_new(opening: &Opening) -> bool {
    file_modes::sqlite_file(&opening.url).is_some_and(|path| is_void(&path) && is_void(&beside(&path, "-wal")))
}

/// Removes what a database has begun with that could not be made.
pub(crate) fn leave_nothing(opening: &Opening) {
    let Some(path) = file_modes::sqlite_file(&opening.url) else { return };
    for file in [beside(&path, "-wal"), beside(&path, "-shm"), path] {
        // It may never have been made.
        let _ = std::fs::remove_file(file);
    }
}

/// What one of SQLite's checks complains of.
pub(crate) async fn damage(db: &mut Db, check: &'static str) -> Result<Option<String>, StoreError> {
    let row = db.one(check, vec![]).await?;
    let said = row.map_or(Ok(None), |row| row.text())?.unwrap_or_default();
    Ok((said != "ok").then_some(said))
}

fn is_void(path: &Path) -> bool {
    path.metadata().map_or(true, |found| found.len() == 0)
}

fn refuse_lost(path: &Path, opening: &Opening) -> Result<(), OpenError> {
    let log = Some(beside(path, "-wal")).filter(|log| !is_void(log));
    let trace = log.or_else(|| opening.traces.iter().find(|trace| trace.exists()).cloned()).or_else(|| aside(path));
    let lost = |trace: &Path| OpenError::Lost { path: path.display().to_string(), trace: trace.display().to_string() };
    trace.map_or(Ok(()), |trace| Err(lost(&trace)))
}

/// A database that was put aside, in whose place none was put: the restoring died in between.
fn aside(path: &Path) -> Option<std::path::PathBuf> {
    let begins = format!("{}{ASIDE}", path.file_name()?.to_str()?);
    let mut entries = folder_of(path).read_dir().ok()?.flatten();
    let found = entries.find(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&begins)));
    found.map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_database_that_could_not_be_made_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mailwright.db");
        let opening = Opening::in_folder(folder.path());
        assert!(is_new(&opening));
        std::fs::write(&path, "").unwrap();
        assert!(is_new(&opening), "an empty file is no database");
        std::fs::write(beside(&path, "-wal"), "half of it").unwrap();
        assert!(!is_new(&opening) && look(&opening).is_err(), "it looks like one that was lost");
        leave_nothing(&opening);
        assert!(is_new(&opening) && folder.path().read_dir().unwrap().next().is_none());
    }
}
