//! Opening the store: every way it can be refused, and the handle that everything else holds.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use model::id::{Id as _, PartnerId};
use model::patience::Patience;
use model::world::Environment;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use crate::address::redacted;
use crate::connect::{self, connect, connect_options};
use crate::db::{Conn, Db, Hearing, Tx, Witness, args};
use crate::dialect::Backend;
use crate::error::{Failure, Halt, StoreError};
use crate::ground;
use crate::lanes::{self, Lanes};
use crate::lock::LockFile;
use crate::migrate::{self, Schema};
use crate::pool::Pool;
use crate::positions;
use crate::room::Room;
use crate::seal::{Vault, VaultError};
use crate::session;
use crate::share::{self, Kind, Share};
use crate::syncing::Syncer;
use crate::writer::{self, Job, Queue, Stopwatch, Work};

/// How long those who still read may go on when the store is closed.
const LAST_READS: Duration = Duration::from_secs(5);

/// What to open, and how.
#[derive(Clone, Debug)]
pub struct Opening {
    /// `sqlite:/path/to/file` or `postgres://…`.
    pub url: String,
    /// The master key's file.
    pub key_file: PathBuf,
    /// The lock file of a server on SQLite; `None` for a command beside it.
    pub lock_file: Option<PathBuf>,
    /// Whether an out-of-date schema is brought up to date or refused.
    pub migrate: bool,
    /// Whether a missing database or master key is made.
    pub create: bool,
    /// Connections to read with (SQLite), or in all (PostgreSQL).
    pub connections: u32,
    /// How writes wait.
    pub writing: Writing,
    /// How long PostgreSQL is waited for.
    pub patience: Patience,
    /// Files beside an SQLite database that only come to be where there was one: when any is there, a missing
    /// database is lost, and is not made anew.
    pub traces: Vec<PathBuf>,
}

#[cfg(test)]
impl Opening {
    /// A new SQLite database in a folder of a test's own.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            url: format!("sqlite:{}", folder.join("mailwright.db").display()),
            key_file: folder.join("master.key"),
            lock_file: None,
            migrate: true,
            create: true,
            connections: 1,
            writing: Writing::default(),
            patience: Patience::default(),
            traces: vec![],
        }
    }
}

/// How writes wait for their turn.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Requests that may wait for their write at once; those beyond are refused.
    pub waiting: usize,
    /// The same for one partner.
    pub waiting_of_one: usize,
    /// What the writer's time is measured by.
    pub stopwatch: Stopwatch,
    /// A test's ear for every statement.
    pub witness: Option<Witness>,
}

impl Default for Writing {
    fn default() -> Self {
        Self { waiting: 1024, waiting_of_one: 256, stopwatch: Stopwatch::default(), witness: None }
    }
}

/// Why the store cannot be opened. The texts are for the operator and say what to do.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum OpenError {
    #[error("{0} is not a database address; use sqlite:<file> or postgres://user@host/database")]
    Url(String),
    #[error(
        "{path} cannot be written: {source}; choose another data folder with MAILWRIGHT_DATA, or correct its permissions"
    )]
    Folder { path: String, source: io::Error },
    #[error(
        "another `mailwright serve` is already running on this data folder (it holds {0}); stop it, or give this one a folder of its own with MAILWRIGHT_DATA"
    )]
    AlreadyServed(String),
    #[error(
        "the database {url} cannot be opened: {reason}; correct the address, or restore the database from a backup"
    )]
    Unreachable { url: String, reason: String },
    #[error(
        "the database was made by a newer version of Mailwright; install that version again, or restore the backup from before the upgrade"
    )]
    Newer,
    #[error("the database schema is out of date; run `mailwright migrate`, or start with `--migrate`")]
    Outdated,
    #[error("there is no database at {0}; start `mailwright serve` first, or correct MAILWRIGHT_DATA")]
    Missing(String),
    #[error(
        "the database belongs to another master key than {path}; copy the master key file that this database was made with (fingerprint {fingerprint}) to {path}"
    )]
    OtherKey { path: String, fingerprint: String },
    #[error(
        "the master key file {path} is missing, and the database was made with it; copy it from your backup to {path} (fingerprint {fingerprint}), nothing can be read without it"
    )]
    NoKey { path: String, fingerprint: String },
    #[error(
        "{path} is missing or empty, but there was a database here: {trace} is left of it; put a backup in place with `mailwright restore FILE`, or, to begin anew without its orders, move {trace} away first"
    )]
    Lost { path: String, trace: String },
    #[error(
        "{path} and its log {path}-wal do not belong together, and would damage each other: the database was put there while an older log was left; put the backup in place with `mailwright restore FILE`, or move {path}-wal and {path}-shm away if {path} alone is what you want"
    )]
    ForeignLog { path: String },
    #[error("{path} is damaged ({reason}); put a backup in place with `mailwright restore FILE`")]
    Damaged { path: String, reason: String },
    #[error(transparent)]
    Key(#[from] VaultError),
    #[error("the schema could not be brought up to date: {0}")]
    Migration(String),
    #[error(
        "the disk that the database {0} is on is full; make room there and start again: nothing is damaged, and nothing was left half-written"
    )]
    DiskFull(String),
    #[error(
        "the database is behind a pooler that lends connections for one transaction at a time (pgbouncer's `pool_mode = transaction`), which Mailwright cannot use; set `pool_mode = session` for it, or put the database's own address into database_url"
    )]
    Pooler,
    #[error(
        "the pooler in front of the database does not know what connections begin with; give pgbouncer `ignore_startup_parameters = extra_float_digits`"
    )]
    PoolerStart,
    #[error("this build contains SQLite {0}; 3.51.3 or newer is needed, older ones can damage a database")]
    OldSqlite(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// The same, told as what it is where only room is missing.
    fn on_a_full_disk(self, url: &str) -> Self {
        match self {
            Self::Store(error) if error.is_full() => Self::DiskFull(redacted(url)),
            other => other,
        }
    }
}

/// The handle to everything that is remembered. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    vault: Arc<Vault>,
    pool: Pool,
    queue: Option<Queue>,
    writer: Mutex<Option<oneshot::Receiver<()>>>,
    closing: Arc<Notify>,
    room: Arc<Room>,
    lanes: Lanes,
    witness: Option<Witness>,
    _lock: Option<LockFile>,
}

impl Store {
    /// Opens the store. Nothing is changed before every reason to refuse has been looked at.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn open(opening: &Opening) -> Result<Self, OpenError> {
        let is_new = ground::is_new(opening);
        let opened = Self::begin(opening).await.map_err(|error| error.on_a_full_disk(&opening.url));
        if is_new && matches!(opened, Err(OpenError::DiskFull(_))) {
            // Nothing of it was ever used, and half of it would look like a database that was lost.
            ground::leave_nothing(opening);
        }
        opened
    }

    async fn begin(opening: &Opening) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let backend = Backend::of(&opening.url).ok_or_else(|| OpenError::Url(redacted(&opening.url)))?;
        let lock =
            opening.lock_file.as_deref().filter(|_| backend == Backend::Sqlite).map(LockFile::take).transpose()?;
        let options = connect_options(opening, backend)?;
        let log = ground::look(opening)?;
        let mut db = connect(&options, backend, &opening.url).await?;
        if backend == Backend::Postgres {
            let mut second = connect(&options, backend, &opening.url).await?;
            session::refuse_shared(db.raw()?, second.raw()?).await?;
        }
        ground::check(&mut db, opening, log).await?;
        check_schema(&mut db, opening).await?;
        let known = known_fingerprint(&mut db).await?;
        let vault = open_vault(opening, known.as_deref())?;
        if migrate::state(&mut db).await? == Schema::Outdated {
            migrate::run(&mut db).await?;
        }
        // A new key comes last: a key without a database means that the database was lost.
        db.vault = Arc::new(vault.map_or_else(|| Vault::open_or_create(&opening.key_file), Ok)?);
        if known.is_none() {
            let fingerprint = db.vault.key_fingerprint();
            db.run(
                "INSERT INTO meta (key, value) VALUES ('master_key', $1) ON CONFLICT DO NOTHING",
                args![fingerprint],
            )
            .await?;
            check_key_is_the_databases(&mut db, opening).await?;
        }
        positions::adopt(&mut db).await?;
        let vault = db.vault.clone();
        let (closing, writing) = (Arc::new(Notify::new()), opening.writing.clone());
        let pool = Pool::open(&options, opening).await?;
        let (queue, writer) = match pool.writing()? {
            Some((conn, file)) => {
                let hearing = Hearing::of(writing.witness.as_ref());
                let tx = Tx { db: Db { hearing, ..Db::on(conn, backend, vault.clone()) } };
                Some(writer::start(tx, Syncer::start(file)?, writing.stopwatch, closing.clone())?)
            }
            None => None,
        }
        .unzip();
        connect::close(db).await;
        let inner = Inner {
            backend,
            vault,
            pool,
            queue,
            writer: Mutex::new(writer),
            closing,
            room: Arc::new(Room::new(writing.waiting, writing.waiting_of_one)),
            lanes: Lanes::of(opening.connections, opening.patience.lock),
            witness: writing.witness,
            _lock: lock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Lets go of the database, so that on SQLite one whole file is left: its log is copied into it and removed,
    /// unless somebody else has the database open, who does it then. Nothing can be read or written afterwards.
    pub async fn close(&self) {
        // Whoever still reads has had its time to end.
        if timeout(LAST_READS, self.inner.pool.close()).await.is_err() {
            tracing::warn!("somebody still reads from the database while it is closed");
        }
        self.inner.closing.notify_one();
        let writer = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // It answers nobody any more: there is nothing to do about a panic.
            let _ = writer.await;
        }
    }

    /// The file that the database is in; none on PostgreSQL.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.inner.pool {
            Pool::Sqlite(readers) => Some(readers.path()),
            Pool::Postgres(_) => None,
        }
    }

    /// Which database is underneath.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// The vault that opens this store's secrets.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// A connection to read with.
    ///
    /// # Errors
    /// When none can be had.
    pub async fn read(&self) -> Result<Db, StoreError> {
        Ok(self.on(self.inner.pool.conn().await?))
    }

    /// A connection whose reads all see the database as it stood at one moment, that of the first. Not to be
    /// kept: while it lives, the database keeps what others have replaced.
    ///
    /// # Errors
    /// When none can be had.
    pub async fn read_at_once(&self) -> Result<Db, StoreError> {
        Ok(self.on(self.inner.pool.snapshot(self.inner.backend.begin_snapshot()).await?))
    }

    fn on(&self, conn: Conn) -> Db {
        let hearing = Hearing::of(self.inner.witness.as_ref());
        Db { hearing, ..Db::on(conn, self.inner.backend, self.inner.vault.clone()) }
    }

    /// Finds out whether the database answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        if self.inner.queue.as_ref().is_some_and(Queue::is_closed) {
            return Err(StoreError::Closed);
        }
        self.read().await?.one("SELECT value FROM meta WHERE key = 'master_key'", vec![]).await.map(drop)
    }

    /// How many writes wait for the writer of this process; none on PostgreSQL, which has no such writer.
    #[must_use]
    pub fn writes_waiting(&self) -> usize {
        self.inner.queue.as_ref().map_or(0, Queue::len)
    }

    /// Whether so much is waiting already that no request which writes should be begun.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.inner.room.is_full()
    }

    /// Whether there is a place for a partner's request which writes.
    #[must_use]
    pub fn has_place(&self, partner: &PartnerId, environment: Environment) -> bool {
        self.inner.room.has_place(partner.as_str(), environment == Environment::Live)
    }

    /// Runs a request's closure in a writing transaction. The closure may be run several times and
    /// must have no effect but through its `Tx`. Who it counts for says [`crate::on_behalf_of`].
    ///
    /// # Errors
    /// The decision's refusal, or why nothing could be written. Nothing is written then.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, Halt>> + Send + Sync + 'static,
    {
        self.submit(share::current(Kind::Request), work).await
    }

    /// Like [`Store::write`], for work that nobody is waiting for: it waits and is never refused.
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub async fn settle<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, Halt>> + Send + Sync + 'static,
    {
        self.submit(share::current(Kind::Settlement), work).await
    }

    async fn submit<T, F>(&self, share: Share, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, Halt>> + Send + Sync + 'static,
    {
        let work: Work = Arc::new(move |tx| {
            let result = work(tx);
            Box::pin(async move { result.await.map(|value| Box::new(value) as _) })
        });
        let pass =
            (share.kind == Kind::Request).then(|| self.inner.room.enter(&share.partner, share.is_live)).transpose()?;
        let answer = match &self.inner.queue {
            Some(queue) => {
                let (reply, answer) = oneshot::channel();
                queue.send(&share, Job { work, reply, pass, asked_in: tracing::Span::current() })?;
                answer.await.map_err(|_| StoreError::Closed)??
            }
            None => {
                // A task of its own: a client that goes away must not leave a transaction half done.
                let store = self.clone();
                let writing = tokio::spawn(async move {
                    let written = lanes::write(&store, &store.inner.lanes, &share, &work).await;
                    drop(pass);
                    written
                });
                writing.await.map_err(|_| StoreError::Panicked)??
            }
        };
        answer.downcast::<T>().map(|value| *value).map_err(|_| StoreError::Closed.into())
    }
}

async fn check_schema(db: &mut Db, opening: &Opening) -> Result<(), OpenError> {
    match migrate::state(db).await? {
        Schema::Newer => Err(OpenError::Newer),
        Schema::Outdated if !opening.migrate => Err(OpenError::Outdated),
        _ => Ok(()),
    }
}

/// The fingerprint of the master key that the database belongs to; `None` on a new one.
pub(crate) async fn known_fingerprint(db: &mut Db) -> Result<Option<String>, OpenError> {
    if migrate::state(db).await? == Schema::Outdated && !migrate::has_meta(db).await? {
        return Ok(None);
    }
    let row = db.one("SELECT value FROM meta WHERE key = 'master_key'", vec![]).await?;
    Ok(row.map_or(Ok(None), |row| row.text())?)
}

/// Another process may have made the database its own between our look and our write.
async fn check_key_is_the_databases(db: &mut Db, opening: &Opening) -> Result<(), OpenError> {
    match known_fingerprint(db).await? {
        Some(fingerprint) if fingerprint != db.vault.key_fingerprint() => {
            Err(OpenError::OtherKey { path: opening.key_file.display().to_string(), fingerprint })
        }
        _ => Ok(()),
    }
}

/// The master key; `None` when a new database is to get a new one.
pub(crate) fn open_vault(opening: &Opening, known: Option<&str>) -> Result<Option<Vault>, OpenError> {
    let path = opening.key_file.display().to_string();
    let other = |fingerprint: &str| OpenError::OtherKey { path: path.clone(), fingerprint: fingerprint.to_owned() };
    match (known, Vault::open(&opening.key_file)) {
        (Some(known), Ok(vault)) if vault.key_fingerprint() == known => Ok(Some(vault)),
        (Some(known), Ok(_)) => Err(other(known)),
        (known, Err(VaultError::File { source, .. })) if source.kind() == io::ErrorKind::NotFound => match known {
            Some(known) => Err(OpenError::NoKey { path: path.clone(), fingerprint: known.to_owned() }),
            None if opening.create => Ok(None),
            None => Err(VaultError::File { path, source }.into()),
        },
        (_, result) => Ok(Some(result?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_one_with_what_to_do() {
        let told = OpenError::from(StoreError::Full).on_a_full_disk("sqlite:/data/mailwright.db").to_string();
        assert!(told.contains("sqlite:/data/mailwright.db is on is full; make room there"), "{told}");
        let other = OpenError::from(StoreError::Closed).on_a_full_disk("sqlite:/data/mailwright.db").to_string();
        assert_eq!(other, StoreError::Closed.to_string());
    }
}
