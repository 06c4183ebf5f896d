//! The ends of a group of writes on SQLite: how it begins whatever the last one left, and how it is counted.

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};

use crate::db::{Conn, Tx};
use crate::error::StoreError;
use crate::open;

impl Tx {
    /// Begins a group. A full or failing disk may have left the connection inside a transaction, or of no use: it is
    /// taken out of it, and at last replaced.
    pub(crate) async fn begin_group(&mut self) -> Result<(), StoreError> {
        self.db.changed = false;
        let begin = self.backend().begin();
        let Err(error) = self.control(begin).await else { return Ok(()) };
        if error.is_busy() {
            return Err(error);
        }
        tracing::warn!(%error, "the writer's connection is of no use; it is mended");
        // There may be nothing to roll back.
        let _ = self.control("ROLLBACK").await;
        if self.control(begin).await.is_ok() {
            return Ok(());
        }
        self.reconnect().await?;
        self.control(begin).await
    }

    /// Commits a group, and counts it when it has changed anything: see [`crate::wal`].
    pub(crate) async fn commit_group(&mut self) -> Result<(), StoreError> {
        if self.db.changed {
            let row = self.one("PRAGMA user_version", vec![]).await?;
            let count: i32 = row.map_or(Ok(0), |row| row.try_get(0))?;
            self.set_count(count.wrapping_add(1)).await?;
        }
        self.control("COMMIT").await
    }

    async fn set_count(&mut self, count: i32) -> Result<(), StoreError> {
        let sql = AssertSqlSafe(format!("PRAGMA user_version = {count}"));
        sqlx::Executor::execute(self.raw(), sqlx::raw_sql(sql)).await?;
        Ok(())
    }

    async fn reconnect(&mut self) -> Result<(), StoreError> {
        if let Conn::Owned { conn, options } = &mut self.db.conn {
            let mut fresh = AnyConnection::connect_with(options).await?;
            open::settle_in(&mut fresh).await?;
            **conn = fresh;
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
        if let Conn::Owned { conn, .. } = self.db.conn
            && let Err(error) = conn.close().await
        {
            tracing::warn!(%error, "the database could not be closed");
        }
    }
}
