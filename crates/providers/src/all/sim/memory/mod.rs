//! The sandbox's memory: a database, and the one clerk of this process who writes to it.

use std::sync::Arc;

use model::clock::Clock;
use model::domain::DomainName;
use model::patience::Patience;
use model::world::World;
use sqlx::AnyPool;
use tokio::sync::{Notify, mpsc};

use super::error::SimError;
use super::ledger::Effect;
use clerk::Clerk;

mod clerk;
mod forget;
mod open;
mod page;
mod sql;

pub(super) use forget::Old;
pub(super) use page::{Job, Played};

/// Calls that may wait for the clerk before the next one has to wait for its place.
const QUEUE: usize = 1_024;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// Where the vendors remember. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    pool: AnyPool,
    dialect: Dialect,
    jobs: mpsc::Sender<Job>,
    closing: Arc<Notify>,
}

impl Memory {
    /// Opens `sqlite:<path>` or `postgres://…`, making what is missing. The clerk stays until the last clone
    /// has gone.
    pub(super) async fn open(url: &str, clock: Arc<dyn Clock>, patience: Patience) -> Result<Self, SimError> {
        let dialect = Dialect::of(url)?;
        let pool = dialect.open(url, patience).await?;
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let (clerk, closing) = (Clerk::new(pool.clone(), dialect, clock), Arc::new(Notify::new()));
        let told = closing.clone();
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = told.notified() => {}
                () = clerk.serve(waiting) => {}
            }
        });
        Ok(Self { pool, dialect, jobs, closing })
    }

    /// Lets go of the database. Calls that come later hear nothing.
    pub(super) async fn close(&self) {
        self.closing.notify_one();
        self.pool.close().await;
    }

    /// Hands a job to the clerk. It is done even when whoever wanted it has stopped waiting.
    pub(super) async fn hand_over(&self, job: Job) {
        // Without a clerk the job is dropped, and with it the end that its caller waits at.
        let _gone = self.jobs.send(job).await;
    }

    /// What is remembered of those of the names that anything is remembered of.
    pub(super) async fn known(&self, world: &World, names: &[DomainName]) -> Result<Vec<(String, String)>, SimError> {
        sql::known(&self.pool, self.dialect, world, names).await
    }

    /// What is remembered of every name of a world.
    pub(super) async fn all(&self, world: &World) -> Result<Vec<(String, String)>, SimError> {
        sql::all(&self.pool, world).await
    }

    /// The ledger of a world, or of all, oldest first.
    pub(super) async fn ledger(&self, world: Option<&World>) -> Result<Vec<Effect>, SimError> {
        sql::ledger(&self.pool, world).await
    }

    /// The last rows of the ledger, newest first.
    pub(super) async fn latest(&self, rows: u32) -> Result<Vec<Effect>, SimError> {
        sql::latest(&self.pool, rows).await
    }

    /// Forgets a piece of old worlds, and says whether there may be more. A caller that stops waiting stops nothing.
    pub(super) async fn forget(&self, old: Old) -> Result<bool, SimError> {
        let (pool, dialect) = (self.pool.clone(), self.dialect);
        let piece = tokio::spawn(async move { forget::forget(&pool, dialect, &old).await });
        piece.await.unwrap_or(Ok(true))
    }
}
