//! The ends of a group of writes on SQLite: how it begins whatever the last one left, and how it is counted.

use std::time::Duration;

use crate::booked::Booked;
use crate::connect;
use crate::db::{Conn, Tx};
use crate::error::StoreError;
use crate::later::Later;
use crate::seen::Seen;

impl Tx {
    /// Nothing is known of what a closure is about to do, whatever an earlier one has done.
    pub(crate) fn begin_afresh(&mut self) {
        self.db.booked = Booked::none();
        self.db.seen = Some(Seen::default());
        self.db.later = Later::nothing();
    }

    /// How many rows this connection has ever changed.
    pub(crate) fn rows_changed(&mut self) -> u64 {
        match &mut self.db.conn {
            Conn::Writing(conn) => conn.rows_changed(),
            _ => 0,
        }
    }

    /// Whether a group is open, and has not been ended by the database itself.
    pub(crate) fn is_in_group(&mut self) -> bool {
        match &mut self.db.conn {
            Conn::Writing(conn) => conn.is_in_transaction(),
            _ => false,
        }
    }

    /// Begins a group. A full or failing disk may have left the connection inside a transaction, or of no use: it is
    /// taken out of it, and at last replaced.
    pub(crate) async fn begin_group(&mut self) -> Result<(), StoreError> {
        self.db.changed = false;
        let begin = self.backend().begin(Duration::ZERO);
        let Err(error) = self.control(begin.as_str()).await else { return Ok(()) };
        if error.is_locked() {
            return Err(error);
        }
        tracing::warn!(%error, "the writer's connection is of no use; it is mended");
        // There may be nothing to roll back.
        let _ = self.control("ROLLBACK").await;
        if self.control(begin.as_str()).await.is_ok() {
            return Ok(());
        }
        self.reconnect()?;
        self.control(begin).await
    }

    /// Commits a group, and counts it when it has changed anything: see [`crate::wal`].
    pub(crate) async fn commit_group(&mut self) -> Result<(), StoreError> {
        if self.db.changed {
            let row = self.one("PRAGMA user_version", vec![]).await?;
            let count = row.map_or(Ok(0), |row| row.number())?;
            self.control(format!("PRAGMA user_version = {}", next_count(count))).await?;
        }
        self.control("COMMIT").await
    }

    /// Begins again on a connection of its own.
    fn reconnect(&mut self) -> Result<(), StoreError> {
        if let Conn::Writing(conn) = &mut self.db.conn {
            **conn = conn.anew(connect::WRITING_IN_GROUPS)?;
        }
        Ok(())
    }

    /// Copies what the log holds into the database file, and lets go of it. SQLite removes the log when the last
    /// connection closes; a command beside us may be that, and is not kept waiting.
    pub(crate) async fn close(mut self) {
        // What was under way when everything stopped was never answered.
        let _ = self.control("ROLLBACK").await;
        if let Err(error) = self.control("PRAGMA wal_checkpoint(PASSIVE)").await {
            tracing::warn!(%error, "the database's log could not be copied into the database");
        }
        if let Conn::Writing(conn) = self.db.conn
            && let Err(error) = conn.close()
        {
            tracing::warn!(%error, "the database could not be closed");
        }
    }
}

/// The count after one: it begins anew after the last, as SQLite keeps 32 bits of it.
fn next_count(count: i64) -> i32 {
    i32::try_from(count).unwrap_or_default().wrapping_add(1)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use model::id::{Id as _, LeaseId};
    use tempfile::TempDir;

    use crate::db::args;
    use crate::open::{Opening, Store};
    use crate::{Failure, StoreError};

    async fn store(folder: &TempDir) -> Store {
        Store::open(&Opening::in_folder(folder.path())).await.unwrap()
    }

    /// Runs a statement on the writer's connection: what is not text of ours is not for the product.
    async fn on_the_writer(store: &Store, sql: &'static str) {
        store.write(move |tx| async move { Ok(tx.control(sql).await?) }.boxed()).await.unwrap();
    }

    async fn write(store: &Store, key: &'static str, bytes: usize) -> Result<(), Failure> {
        let value = "x".repeat(bytes);
        let writing = store.write(move |tx| {
            let value = value.clone();
            async move {
                tx.run("INSERT INTO meta (key, value) VALUES ($1, $2)", args![key, value]).await?;
                Ok(())
            }
            .boxed()
        });
        writing.await
    }

    async fn count(store: &Store) -> i64 {
        let row = store.read().await.unwrap().one("PRAGMA user_version", vec![]).await.unwrap();
        row.unwrap().number().unwrap()
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        // No page more than there are.
        on_the_writer(&store, "PRAGMA max_page_count = 1").await;
        for _ in 0..3 {
            let full = write(&store, "large", 1 << 20).await.unwrap_err();
            assert!(matches!(&full, Failure::Broken(error) if error.is_full()), "{full}");
        }
        on_the_writer(&store, "PRAGMA max_page_count = 1000000").await;
        write(&store, "large", 1 << 20).await.unwrap();
        store.try_to_write(LeaseId::opaque("lse_1")).await.unwrap();
    }

    #[tokio::test]
    async fn a_transaction_that_the_database_ended_by_itself_takes_only_its_group_along() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let ended = store.write(|tx| async move { Ok(tx.control("ROLLBACK").await?) }.boxed()).await.unwrap_err();
        assert!(matches!(ended, Failure::Broken(StoreError::NotCommitted)), "{ended}");
        write(&store, "next", 1).await.unwrap();
    }

    #[tokio::test]
    async fn a_connection_that_was_left_inside_a_transaction_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let left = store.write(|tx| {
            async move {
                tx.control("COMMIT").await?;
                tx.begin_group().await?;
                // Nobody has ended that one.
                tx.begin_group().await?;
                tx.reconnect()?;
                tx.begin_group().await?;
                Ok(tx.control("SAVEPOINT job").await?)
            }
            .boxed()
        });
        left.await.unwrap();
        write(&store, "next", 1).await.unwrap();
    }

    #[tokio::test]
    async fn what_changes_something_is_counted_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let before = count(&store).await;
        store
            .write(|tx| {
                async move { Ok(tx.run("DELETE FROM meta WHERE key = 'none'", vec![]).await.map(drop)?) }.boxed()
            })
            .await
            .unwrap();
        assert_eq!(count(&store).await, before);
        write(&store, "one", 1).await.unwrap();
        assert_eq!(count(&store).await, before + 1);
    }

    #[tokio::test]
    async fn a_reader_whose_transaction_ended_by_itself_keeps_nobody_from_reading() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        let mut reading = store.read_at_once().await.unwrap();
        reading.control("ROLLBACK").await.unwrap();
        drop(reading);
        store.read_at_once().await.unwrap().one("SELECT COUNT(*) FROM meta", vec![]).await.unwrap();
    }
}
