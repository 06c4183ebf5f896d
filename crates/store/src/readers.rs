//! The connections that SQLite is read with: a bounded number, each lent to one reader at a time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::embedded::Embedded;
use crate::error::StoreError;

/// How long a connection is waited for.
const WAIT: Duration = Duration::from_secs(10);

/// What one begins with: it cannot write.
const READING: &[&str] = &["PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON"];

/// Connections to read with.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Embedded>>>,
    places: Arc<Semaphore>,
    most: u32,
}

impl Readers {
    /// At most so many connections to a file, none of which is opened yet.
    pub(crate) fn new(path: PathBuf, most: u32) -> Self {
        let places = Arc::new(Semaphore::new(most as usize));
        Self { path, idle: Arc::default(), places, most }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A connection, which comes back when it is dropped.
    pub(crate) async fn lend(&self) -> Result<Lent, StoreError> {
        let place = timeout(WAIT, self.places.clone().acquire_owned()).await.map_err(|_| StoreError::Busy)?;
        let place = place.map_err(|_| StoreError::Closed)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = idle.map_or_else(|| Embedded::open(&self.path, READING), Ok)?;
        Ok(Lent { conn: Some(conn), idle: self.idle.clone(), _place: place })
    }

    /// Waits for those that are lent, and closes all of them.
    pub(crate) async fn close(&self) {
        let all = self.places.acquire_many(self.most).await;
        self.places.close();
        drop(all);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A connection that is lent.
pub(crate) struct Lent {
    /// `None` only when it is given back.
    conn: Option<Embedded>,
    idle: Arc<Mutex<Vec<Embedded>>>,
    /// Given back after the connection.
    _place: OwnedSemaphorePermit,
}

impl Lent {
    /// The connection.
    ///
    /// # Errors
    /// Never while it is lent.
    pub(crate) fn conn(&mut self) -> Result<&mut Embedded, StoreError> {
        self.conn.as_mut().ok_or(StoreError::Closed)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        // A transaction that a failing disk has ended by itself is none that could be ended.
        if !conn.is_in_transaction() || conn.control("ROLLBACK").is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}
