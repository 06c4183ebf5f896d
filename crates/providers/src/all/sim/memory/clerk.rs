//! The one writer of this process: it takes all calls that wait and commits them together.
//!
//! A database commits no faster for a small change than for a large one. So a call that comes alone gets a
//! transaction of its own, and a hundred that come at once share one: nobody waits for a hundred commits.
//! It also means that a caller who gives up cannot leave a transaction half done.

use std::mem::take;
use std::sync::Arc;

use model::clock::Clock;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool};
use tokio::sync::mpsc;

use super::page::{Job, Page, keys};
use super::{Dialect, sql};
use crate::all::sim::error::SimError;

/// Calls in one transaction.
const BATCH: usize = 128;

/// Writes down what calls do.
pub(super) struct Clerk {
    pool: AnyPool,
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    connection: Option<PoolConnection<Any>>,
}

impl Clerk {
    /// A clerk; `clock` is the server time of the ledger.
    pub(super) const fn new(pool: AnyPool, dialect: Dialect, clock: Arc<dyn Clock>) -> Self {
        Self { pool, dialect, clock, connection: None }
    }

    /// Serves until nobody can bring jobs any more.
    pub(super) async fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.recv_many(&mut batch, BATCH).await > 0 {
            if let Err(error) = self.settle(take(&mut batch)).await {
                tracing::warn!(%error, "the sandbox could not write down what calls did; they are tried again");
            }
        }
    }

    /// One transaction. When it fails its callers hear nothing, which leaves them where a lost answer would.
    async fn settle(&mut self, batch: Vec<Job>) -> Result<(), SimError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        let mut transaction = sql::begin(&mut connection, self.dialect).await?;
        let mut page = Page::new(sql::load(&mut transaction, &keys(&batch)).await?);
        for job in batch {
            page.play(job);
        }
        sql::save(&mut transaction, &page.changed()).await?;
        sql::append(&mut transaction, page.entries(), self.clock.now()).await?;
        transaction.commit().await?;
        page.tell();
        // Only a connection that has just worked is kept; the pool looks after the others.
        self.connection = Some(connection);
        Ok(())
    }
}
