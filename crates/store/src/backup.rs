//! `mailwright backup`: a copy of an SQLite database that is whole by itself, made while others write.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use futures_util::FutureExt as _;
use model::clock::Time;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::db::{Conn, Db, args};
use crate::dialect::Backend;
use crate::draft::{self, Draft};
use crate::error::{Failure, StoreError};
use crate::file_modes;
use crate::open::Store;
use crate::operator::{self, Newest};
use crate::pages;

/// The key in `meta` that says when a copy was made.
pub(crate) const MADE_AT: &str = "backed_up_at";

/// The key in `meta` that says, in the database itself, when a copy was last made of it.
pub(crate) const LAST_BACKUP: &str = "last_backup_at";

/// A copy's count is so far from that of its original that a log beside it is never taken for its own: half of all
/// counts there are (see [`crate::wal`]).
const FAR: i32 = i32::MIN;

/// A copy that was made.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Its size.
    pub bytes: u64,
    /// What came last in it.
    pub newest: Newest,
    /// Tells the master key that it belongs to, which is not in it.
    pub fingerprint: String,
}

/// Why no copy was made, in a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum BackupError {
    #[error(
        "the database is PostgreSQL, which has its own means: use pg_dump or a base backup, and keep the master key file apart from it"
    )]
    Postgres,
    #[error("{0} exists already, and a backup never overwrites anything; choose another name")]
    Exists(String),
    #[error(
        "a file of the name {0} would be taken for one that SQLite keeps beside a database, or that a backup has left half made, and be removed; choose another name"
    )]
    Name(String),
    #[error("{path} cannot be written: {source}; choose another place")]
    Place { path: String, source: io::Error },
    #[error("the copy is not sound ({0}), and was thrown away: the database itself may be damaged")]
    Unsound(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Copies the database into a new file of mode 0600. Others go on reading and writing meanwhile; the copy shows
    /// the moment at which it began. It appears under its name when it is whole and on the disk. Dropped before, nothing of it is left.
    ///
    /// # Errors
    /// A sentence for the operator. Nothing is left then.
    pub async fn backup(&self, to: &Path, now: Time) -> Result<Backup, BackupError> {
        let file = self.file().ok_or(BackupError::Postgres)?;
        let exists = || BackupError::Exists(to.display().to_string());
        let place = |source| BackupError::Place { path: to.display().to_string(), source };
        if draft::is_name(to) || file_modes::ENDINGS.iter().any(|ending| to.to_string_lossy().ends_with(ending)) {
            return Err(BackupError::Name(to.display().to_string()));
        }
        if to.symlink_metadata().is_ok() {
            return Err(exists());
        }
        let draft = Draft::begin(to).map_err(place)?;
        let made = self.copy(file, draft.path(), now).await;
        let made = made.and_then(|made| match publish(draft.path(), to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
            published => published.map(|()| made).map_err(place),
        });
        drop(draft);
        if made.is_ok()
            && let Err(failure) = self.remember_backup(now).await
        {
            tracing::warn!(%failure, "the copy is made, but the database could not be told of it");
        }
        made
    }

    async fn remember_backup(&self, now: Time) -> Result<(), Failure> {
        let writing = self.settle(move |tx| {
            let sql =
                "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            async move { Ok(tx.run(sql, args![LAST_BACKUP, now.0.to_string()]).await.map(drop)?) }.boxed()
        });
        writing.await
    }

    async fn copy(&self, file: &Path, draft: &Path, now: Time) -> Result<Backup, BackupError> {
        pages::copy(file.to_owned(), draft.to_owned()).await?;
        let mut copy = open_plain(draft).await?;
        if let Some(complaint) = crate::ground::damage(&mut copy, "PRAGMA quick_check(1)").await? {
            return Err(BackupError::Unsound(complaint));
        }
        move_count(&mut copy, FAR).await?;
        let sql =
            "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        copy.run(sql, args![MADE_AT, now.0.to_string()]).await?;
        let newest = operator::newest(&mut copy).await?;
        close_plain(copy).await?;
        let bytes = fs::metadata(draft).map_or(0, |found| found.len());
        Ok(Backup { bytes, newest, fingerprint: self.vault().key_fingerprint() })
    }
}

/// Gives a file that is on the disk its name, unless that is taken.
fn publish(draft: &Path, to: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    match fs::hard_link(draft, to) {
        // A file system without links has no way to do both in one.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && to.symlink_metadata().is_err() => {
            fs::rename(draft, to)?;
        }
        linked => linked?,
    }
    file_modes::sync_folder_of(to)
}

/// A database file that nobody else knows of, without a log.
pub(crate) async fn open_plain(path: &Path) -> Result<Db, StoreError> {
    let options: AnyConnectOptions = format!("{}?mode=rw", file_modes::sqlite_url(path)).parse()?;
    let mut conn = Box::new(AnyConnection::connect_with(&options).await?);
    conn.execute("PRAGMA journal_mode = DELETE").await?;
    let vault = std::sync::Arc::new(crate::seal::Vault::with_key([0; 32]));
    Ok(Db::on(Conn::Owned(conn), Backend::Sqlite, vault))
}

/// Closes such a file.
pub(crate) async fn close_plain(db: Db) -> Result<(), StoreError> {
    if let Conn::Owned(conn) = db.conn {
        conn.close().await?;
    }
    Ok(())
}

/// Makes sure that no log is taken for the file's own.
pub(crate) async fn move_count(db: &mut Db, by: i32) -> Result<(), StoreError> {
    let row = db.one("PRAGMA user_version", vec![]).await?;
    let count = i32::try_from(row.map_or(Ok(0), |row| row.number())?).unwrap_or_default();
    db.control(format!("PRAGMA user_version = {}", count.wrapping_add(by))).await
}

/// When a copy was made; `None` for one that another tool has made.
pub(crate) async fn made_at(db: &mut Db) -> Result<Option<Time>, StoreError> {
    let row = db.one("SELECT value FROM meta WHERE key = $1", args![MADE_AT]).await?;
    let text = row.map_or(Ok(None), |row| row.text())?;
    Ok(text.and_then(|text| text.parse().ok()).map(Time))
}
