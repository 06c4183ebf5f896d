//! The connections to PostgreSQL, each lent to one at a time. The driver's own pool asks a connection whether it still is one each
//! time that it is lent and given back, and lends the one that has waited longest: two journeys more each time, to the backend that
//! remembers least. Here whoever comes next has the connection that was used last, with everything that its backend has prepared;
//! the driver's pool gets back what nobody is sure of.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::patience::Patience;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection as _, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::db::Conn;
use crate::error::StoreError;

/// A connection that nobody has used for so long is asked whether it still is one: no server starts anew in less.
const UNTOUCHED: Duration = Duration::from_millis(100);

/// How long that answer is waited for.
const ASKED: Duration = Duration::from_secs(1);

/// How much longer than the database waits an answer is waited for. It bounds its statements itself; what does not answer then is silent.
const MARGIN: Duration = Duration::from_secs(5);

/// One that nobody has used for so long goes back to the driver's pool, which closes it.
const UNWANTED: Duration = Duration::from_secs(600);

/// Those that wait to be lent; `None` when nothing is lent any more.
type Idle = Arc<Mutex<Option<Kept>>>;

#[derive(Default)]
struct Kept {
    /// The one that was used last is at the end.
    waiting: Vec<Waiting>,
    /// When one was lost last: those that have waited since before are asked, however short that was.
    lost_at: Option<Instant>,
}

struct Waiting {
    conn: PoolConnection<Any>,
    since: Instant,
}

/// Lends connections.
pub(crate) struct Lending {
    pool: AnyPool,
    idle: Idle,
    /// As many as there may be connections.
    places: Arc<Semaphore>,
    patience: Patience,
}

impl Lending {
    /// At most so many connections of a pool that nobody else uses.
    pub(crate) fn new(pool: AnyPool, most: u32, patience: Patience) -> Self {
        let idle = Arc::new(Mutex::new(Some(Kept::default())));
        Self { pool, idle, places: Arc::new(Semaphore::new(most as usize)), patience }
    }

    /// A connection, which comes back when it is dropped.
    pub(crate) async fn lend(&self) -> Result<Lent, StoreError> {
        let place = self.place().await?;
        let conn = match self.sound().await {
            Some(conn) => conn,
            None => self.pool.acquire().await?,
        };
        let (idle, limit) = (self.idle.clone(), self.limit());
        Ok(Lent { conn: Some(conn), is_sure: true, is_open: false, is_lost: false, limit, idle, _place: place })
    }

    /// One whose reads all see the same moment, beginning with a statement.
    pub(crate) async fn snapshot(&self, begin: &'static str) -> Result<Conn, StoreError> {
        let place = self.place().await?;
        // Its place in the pool is wanted.
        drop(self.take());
        let (transaction, limit) = (self.pool.begin_with(begin).await?, self.limit());
        Ok(Conn::Snapshot(Snapshot { transaction, limit, _place: place }))
    }

    /// Waits for those that are lent, and closes all of them.
    pub(crate) async fn close(&self) {
        drop(self.idle.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.places.close();
        self.pool.close().await;
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let place =
            timeout(self.patience.lock, self.places.clone().acquire_owned()).await.map_err(|_| StoreError::Busy)?;
        place.map_err(|_| StoreError::Closed)
    }

    const fn limit(&self) -> Duration {
        self.patience.statement.saturating_add(MARGIN)
    }

    /// The one that was used last, and whether it is to be asked.
    fn take(&self) -> Option<(PoolConnection<Any>, bool)> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.as_mut()?;
        let Waiting { conn, since } = kept.waiting.pop()?;
        let is_doubtful = since.elapsed() >= UNTOUCHED || kept.lost_at.is_some_and(|lost_at| since <= lost_at);
        Some((conn, is_doubtful))
    }

    /// One that waits and still is a connection.
    async fn sound(&self) -> Option<PoolConnection<Any>> {
        while let Some((mut conn, is_doubtful)) = self.take() {
            if !is_doubtful {
                return Some(conn);
            }
            let asked = timeout(ASKED, conn.ping()).await;
            match asked {
                Ok(Ok(())) => return Some(conn),
                Ok(Err(_)) => {}
                // The others are as silent, and each would have to be waited for.
                Err(_) => self.close_idle(),
            }
            conn.close_on_drop();
        }
        None
    }

    fn close_idle(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle.as_mut().map(|kept| std::mem::take(&mut kept.waiting)).unwrap_or_default();
        waiting.into_iter().for_each(|mut waiting| waiting.conn.close_on_drop());
    }
}

/// A connection whose reads all see the same moment. Dropping it ends that, and gives its place back.
pub(crate) struct Snapshot {
    transaction: Transaction<'static, Any>,
    limit: Duration,
    /// Given back after the connection.
    _place: OwnedSemaphorePermit,
}

impl Snapshot {
    /// The connection, and how long its answers are waited for.
    pub(crate) fn conn(&mut self) -> (&mut AnyConnection, Duration) {
        (&mut self.transaction, self.limit)
    }
}

/// A connection that is lent.
pub(crate) struct Lent {
    /// `None` only when it is given back.
    conn: Option<PoolConnection<Any>>,
    /// Whether nothing is under way on it.
    is_sure: bool,
    /// Whether it is in a transaction of ours, which the driver does not know of.
    is_open: bool,
    /// Whether nobody answers on it any more.
    is_lost: bool,
    limit: Duration,
    idle: Idle,
    /// Given back after the connection.
    _place: OwnedSemaphorePermit,
}

impl Lent {
    /// The connection, and how long its answers are waited for.
    ///
    /// # Errors
    /// When it is lost.
    pub(crate) fn conn(&mut self) -> Result<(&mut AnyConnection, Duration), StoreError> {
        let conn = self.conn.as_deref_mut().filter(|_| !self.is_lost).ok_or(StoreError::Busy)?;
        Ok((conn, self.limit))
    }

    /// Nobody answers on it any more.
    pub(crate) const fn is_lost(&mut self) {
        self.is_lost = true;
    }

    /// Something is about to be sent, or has been answered: what is given up between the two is not lent to anybody else.
    pub(crate) const fn is_under_way(&mut self, is_it: bool) {
        self.is_sure = !is_it;
    }

    /// A transaction begins on it, or has ended.
    pub(crate) const fn is_open(&mut self, is_it: bool) {
        self.is_open = is_it;
    }

    /// Closes it instead of giving it back: nobody knows what state it is in.
    pub(crate) fn discard(&mut self) {
        self.is_sure = false;
        if let Some(conn) = &mut self.conn {
            conn.close_on_drop();
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        if self.is_open || self.is_lost {
            // Whoever wrote with it was given up in the middle, or it is none any more.
            conn.close_on_drop();
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = idle.as_mut() else { return };
        if self.is_lost {
            kept.lost_at = Some(Instant::now());
        }
        if !self.is_sure || self.is_open || self.is_lost {
            // Dropped, it is the driver's to look at.
            return;
        }
        kept.waiting.push(Waiting { conn, since: Instant::now() });
        let unwanted = |waiting: &Waiting| waiting.since.elapsed() >= UNWANTED;
        let wanted = kept.waiting.iter().position(|waiting| !unwanted(waiting)).unwrap_or(0);
        kept.waiting.drain(..wanted).for_each(drop);
    }
}

#[cfg(test)]
mod tests {
    use sqlx::any::AnyPoolOptions;
    use sqlx::{Executor as _, Row as _};

    use super::*;

    /// Each connection has a database of its own, by which it is known again.
    async fn lending(most: u32) -> Lending {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(most).connect("sqlite::memory:").await.unwrap();
        Lending::new(pool, most, Patience { lock: Duration::ZERO, ..Patience::default() })
    }

    async fn mark(lent: &mut Lent, name: &'static str) {
        let sql = format!("CREATE TABLE {name} (id INTEGER)");
        lent.conn().unwrap().0.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.unwrap();
    }

    async fn marks(lent: &mut Lent) -> Vec<String> {
        let rows = lent.conn().unwrap().0.fetch_all("SELECT name FROM sqlite_master ORDER BY name").await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    #[tokio::test]
    async fn the_connection_that_was_used_last_is_lent_first() {
        let lending = lending(2).await;
        let (mut one, mut two) = (lending.lend().await.unwrap(), lending.lend().await.unwrap());
        mark(&mut one, "one").await;
        mark(&mut two, "two").await;
        drop(one);
        drop(two);
        for _ in 0..3 {
            assert_eq!(marks(&mut lending.lend().await.unwrap()).await, ["two"]);
        }
        lending.close().await;
        assert!(matches!(lending.lend().await, Err(StoreError::Closed)));
    }

    #[tokio::test]
    async fn what_was_given_up_in_the_middle_is_lent_to_nobody() {
        let lending = lending(1).await;
        let mut lent = lending.lend().await.unwrap();
        mark(&mut lent, "begun").await;
        lent.is_open(true);
        drop(lent);
        let mut next = lending.lend().await.unwrap();
        assert_eq!(marks(&mut next).await, Vec::<String>::new(), "it is another connection");
        next.is_under_way(true);
        drop(next);
        assert!(lending.take().is_none(), "the driver looks at it first");
        assert!(lending.lend().await.is_ok());
    }

    #[tokio::test]
    async fn where_one_was_lost_the_others_are_asked() {
        let lending = lending(2).await;
        let (mut one, mut two) = (lending.lend().await.unwrap(), lending.lend().await.unwrap());
        mark(&mut one, "one").await;
        drop(one);
        two.is_lost();
        assert!(matches!(two.conn(), Err(StoreError::Busy)), "nobody is asked on it again");
        drop(two);
        assert!(lending.take().is_some_and(|(_, is_doubtful)| is_doubtful));
        drop(lending.lend().await.unwrap());
        assert!(lending.take().is_some_and(|(_, is_doubtful)| !is_doubtful), "it has answered since");
    }

    #[tokio::test]
    async fn whoever_gets_none_in_time_learns_that_all_are_lent() {
        let lending = lending(1).await;
        let lent = lending.lend().await.unwrap();
        assert!(matches!(lending.lend().await, Err(StoreError::Busy)));
        drop(lent);
        assert!(lending.lend().await.is_ok());
    }
}
