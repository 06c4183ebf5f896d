//! `mailwright restore`: puts a backup in the place of an SQLite database.
//!
//! Everything that can be wrong is looked for in a draft, before anything is touched. Then the order of things is such
//! that whoever dies in between leaves a database that is missing, which the next start refuses, and never one beside
//! a log that is not its own: first the database is put aside, then its log, then the draft takes its place.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use model::clock::Time;

use crate::backup::{close_plain, made_at, move_count, open_plain};
use crate::db::Db;
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::file_modes::{self, beside, companions};
use crate::ground::{self, ASIDE};
use crate::lock::LockFile;
use crate::migrate::{self, Schema};
use crate::open::{self, OpenError, Opening};
use crate::operator::{self, Newest};
use crate::seal::Vault;

/// How far the count moves: far from where the backup stands, and from where its original stood.
const AGAIN_FAR: i32 = 1 << 30;

/// A backup that was put in place.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The database that it is now.
    pub database: PathBuf,
    /// When it was made; `None` when another tool has made it.
    pub made_at: Option<Time>,
    /// What came last in it.
    pub newest: Newest,
    /// Where the database is that was there before.
    pub put_aside: Option<PathBuf>,
}

/// Why a backup was not put in place, in a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum RestoreError {
    #[error("the database is PostgreSQL, which has its own means: use pg_restore or a base backup")]
    Postgres,
    #[error("{0} is the database itself, and not a backup of it; name another file")]
    Itself(String),
    #[error("{path} cannot be read: {source}; name the backup's file")]
    Unreadable { path: String, source: io::Error },
    #[error(
        "{0} has a log beside it ({0}-wal), so that it is not whole by itself; make it so with `sqlite3 {0} 'PRAGMA wal_checkpoint(TRUNCATE)'`, or take a backup that `mailwright backup` has made"
    )]
    NotWhole(String),
    #[error("{path} is not a sound backup ({complaint}); nothing was changed, take another one")]
    Unsound { path: String, complaint: String },
    #[error("{path} cannot be put in place: {source}; what was there is in {folder}, under a name with {ASIDE:?}")]
    Place { path: String, folder: String, source: io::Error },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a backup in the place of the database that an opening names, whose files are kept under a dated name. `label`
/// is that date.
///
/// # Errors
/// A sentence for the operator. Unless it is the very putting in place that failed, nothing was changed.
pub async fn restore(opening: &Opening, from: &Path, label: &str) -> Result<Restored, RestoreError> {
    if Backend::of(&opening.url) != Some(Backend::Sqlite) {
        return Err(RestoreError::Postgres);
    }
    let database = file_modes::sqlite_file(&opening.url).ok_or_else(|| OpenError::Url(opening.url.clone()))?;
    let _lock = opening.lock_file.as_deref().map(LockFile::take).transpose()?;
    if let (Ok(from), Ok(own)) = (from.canonicalize(), database.canonicalize())
        && from == own
    {
        return Err(RestoreError::Itself(own.display().to_string()));
    }
    sqlx::any::install_default_drivers();
    let draft = beside(&database, &format!(".draft-{}", std::process::id()));
    let restored = match copy(from, &draft) {
        Err(error) => Err(error),
        Ok(()) => put(opening, from, &draft, &database, label).await,
    };
    for file in companions(&draft).iter().chain([&draft]) {
        // In good order there is none left.
        let _ = fs::remove_file(file);
    }
    restored
}

fn copy(from: &Path, draft: &Path) -> Result<(), RestoreError> {
    let path = || from.display().to_string();
    let unreadable = |source| RestoreError::Unreadable { path: path(), source };
    let mut backup = File::open(from).map_err(unreadable)?;
    if beside(from, "-wal").metadata().is_ok_and(|log| log.len() > 0) {
        return Err(RestoreError::NotWhole(path()));
    }
    let mut file = file_modes::options().create_new(true).open(draft).map_err(unwritable(draft))?;
    io::copy(&mut backup, &mut file).map(drop).map_err(|source| match source.kind() {
        io::ErrorKind::StorageFull => unwritable(draft)(source),
        _ => unreadable(source),
    })
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> RestoreError {
    let path = path.display().to_string();
    move |source| RestoreError::Open(OpenError::Folder { path, source })
}

async fn put(
    opening: &Opening,
    from: &Path,
    draft: &Path,
    database: &Path,
    label: &str,
) -> Result<Restored, RestoreError> {
    let unsound = |complaint: String| RestoreError::Unsound { path: from.display().to_string(), complaint };
    let mut db = open_plain(draft).await.map_err(|_| unsound("it is not a database".into()))?;
    let checked = check(&mut db, opening).await;
    let (made_at, newest) = match checked {
        Ok(facts) => facts,
        Err(Unfit::Complaint(complaint)) => return Err(unsound(complaint)),
        Err(Unfit::Open(error)) => return Err(error.into()),
    };
    move_count(&mut db, AGAIN_FAR).await?;
    close_plain(db).await?;
    File::open(draft).and_then(|file| file.sync_all()).map_err(unwritable(draft))?;
    let put_aside = swap(draft, database, label).map_err(|source| RestoreError::Place {
        path: database.display().to_string(),
        folder: file_modes::folder_of(database).display().to_string(),
        source,
    })?;
    Ok(Restored { database: database.to_owned(), made_at, newest, put_aside })
}

/// What is wrong with a backup.
enum Unfit {
    Complaint(String),
    Open(OpenError),
}

impl From<StoreError> for Unfit {
    fn from(error: StoreError) -> Self {
        Self::Complaint(error.to_string())
    }
}

async fn check(db: &mut Db, opening: &Opening) -> Result<(Option<Time>, Newest), Unfit> {
    if let Some(complaint) = ground::damage(db, "PRAGMA integrity_check(1)").await? {
        return Err(Unfit::Complaint(complaint));
    }
    if !migrate::has_meta(db).await? {
        return Err(Unfit::Complaint("it is no database of Mailwright".into()));
    }
    if migrate::state(db).await? == Schema::Newer {
        return Err(Unfit::Open(OpenError::Newer));
    }
    let known = open::known_fingerprint(db).await.map_err(Unfit::Open)?;
    let Some(known) = known else { return Err(Unfit::Complaint("it belongs to no master key".into())) };
    let opened: Result<Option<Vault>, _> = open::open_vault(opening, Some(&known));
    opened.map_err(Unfit::Open)?;
    Ok((made_at(db).await?, operator::newest(db).await?))
}

/// Puts what is there aside and the draft in its place. Each step is on the disk before the next begins.
fn swap(draft: &Path, database: &Path, label: &str) -> io::Result<Option<PathBuf>> {
    let aside = beside(database, &format!("{ASIDE}{label}"));
    let was_there = move_away(database, &aside)?;
    file_modes::sync_folder_of(database)?;
    for (companion, kept) in companions(database).iter().zip(companions(&aside)) {
        move_away(companion, &kept)?;
    }
    file_modes::sync_folder_of(database)?;
    fs::rename(draft, database)?;
    file_modes::sync_folder_of(database)?;
    Ok(was_there.then_some(aside))
}

fn move_away(file: &Path, to: &Path) -> io::Result<bool> {
    if to.symlink_metadata().is_ok() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists", to.display())));
    }
    match fs::rename(file, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        moved => moved.map(|()| true),
    }
}
