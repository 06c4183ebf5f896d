//! The one writer of this process: it takes all calls that wait and commits them together.
//!
//! A database commits no faster for a small change than for a large one. So a call that comes alone gets a
//! transaction of its own, and a hundred that come at once share one: nobody waits for a hundred commits.
//! It also means that a caller who gives up cannot leave a transaction half done.

use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, Time};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::page::{Job, Page, keys};
use super::{Dialect, sql};
use crate::all::sim::error::SimError;

/// Calls in one transaction.
const BATCH: usize = 128;

/// How long a transaction may take.
const LIMIT: Duration = Duration::from_secs(30);

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
        let writing = write(&mut connection, self.dialect, batch, self.clock.now());
        match timeout(LIMIT, writing).await {
            Ok(written) => written?.tell(),
            Err(_) => {
                // Whoever is silent would keep every call waiting.
                connection.close_on_drop();
                return Err(SimError::Silent);
            }
        }
        // Only a connection that has just worked is kept; the pool looks after the others.
        self.connection = Some(connection);
        Ok(())
    }
}

async fn write(connection: &mut AnyConnection, dialect: Dialect, batch: Vec<Job>, now: Time) -> Result<Page, SimError> {
    let mut transaction = sql::begin(connection, dialect).await?;
    let mut page = Page::new(sql::load(&mut transaction, dialect, &keys(&batch)).await?);
    for job in batch {
        page.play(job);
    }
    sql::save(&mut transaction, dialect, &page.changed()).await?;
    sql::append(&mut transaction, dialect, page.entries(), now).await?;
    transaction.commit().await?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use model::clock::{HandClock, Time};
    use model::domain::DomainName;
    use model::patience::Patience;
    use model::world::World;
    use sqlx::{Executor as _, raw_sql};

    use super::super::page::Played;
    use super::*;
    use crate::call::Call;

    /// A call that leaves so many bytes behind.
    fn job(name: &str, bytes: usize) -> Job {
        let call = Call {
            world: World::stored("test:org_1:0"),
            now: Time(0),
            reference: "run_1/create_zone".into(),
            nudges: 0,
            subject: DomainName::stored(name),
            registrant: None,
            asked_at: None,
            customer: None,
            by_hand: None,
        };
        let memory = Some("x".repeat(bytes));
        Job::new(call, |_, _| Played { memory, lines: vec![], tell: Box::new(|| ()) })
    }

    #[tokio::test]
    async fn a_full_disk_is_left_behind_when_there_is_space_again() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
        let pool = Dialect::Sqlite.open(&url, Patience::default()).await.unwrap();
        let mut clerk = Clerk::new(pool.clone(), Dialect::Sqlite, HandClock::at(Time(0)));
        let mut connection = pool.acquire().await.unwrap();
        // No page more than there are.
        connection.execute(raw_sql("PRAGMA max_page_count = 1")).await.unwrap();
        clerk.connection = Some(connection);
        clerk.settle(vec![job("large.com", 1 << 20)]).await.unwrap_err();
        // Space again, wherever the connection has gone.
        let mut all = vec![];
        for _ in 0..4 {
            let mut connection = pool.acquire().await.unwrap();
            connection.execute(raw_sql("PRAGMA max_page_count = 1000000")).await.unwrap();
            all.push(connection);
        }
        drop(all);
        for name in ["one.com", "two.com", "three.com", "four.com", "five.com"] {
            clerk.settle(vec![job(name, 1 << 20)]).await.unwrap();
            clerk.connection = None;
        }
    }

    /// What SQLite does by itself when a disk fails.
    #[tokio::test]
    async fn a_transaction_that_the_database_ended_by_itself_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
        let pool = Dialect::Sqlite.open(&url, Patience::default()).await.unwrap();
        let mut clerk = Clerk::new(pool.clone(), Dialect::Sqlite, HandClock::at(Time(0)));
        for _ in 0..4 {
            let mut connection = pool.acquire().await.unwrap();
            let mut transaction = sql::begin(&mut connection, Dialect::Sqlite).await.unwrap();
            (&mut *transaction).execute(raw_sql("ROLLBACK")).await.unwrap();
            drop(transaction);
        }
        clerk.settle(vec![job("one.com", 1)]).await.unwrap();
    }
}
