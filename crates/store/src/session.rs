//! What every connection to PostgreSQL is told, so that a process that is lost holds nobody up for long, and a look
//! whether the connections keep what they are told.

use model::patience::Patience;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _, raw_sql};

use crate::open::OpenError;

/// What our connections are called, unless the address says something else.
pub(crate) const APPLICATION: &str = "mailwright";

/// Names us to the database's operator, unless the address does.
const NAME: &str = "SELECT set_config('application_name', 'mailwright', false)
    WHERE current_setting('application_name') = ''";

/// A machine that is gone without a word is noticed after half a minute; what it was sent is given up after as long. A
/// process that is lost in the middle of a migration holds its tables for a minute.
const KEEP_ALIVE: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4;
    SET tcp_user_timeout = 30000; SET idle_in_transaction_session_timeout = 60000";

/// A statement whose client has gone ends. Not every system can look for that.
const LOOK_FOR_CLIENT: &str = "SET client_connection_check_interval = 1000";

/// Says who we are, and that the other side is to look whether we still live.
pub(crate) async fn introduce(conn: &mut AnyConnection) -> sqlx::Result<()> {
    conn.execute(raw_sql(NAME)).await?;
    conn.execute(raw_sql(KEEP_ALIVE)).await?;
    // Without it a lost client's statement runs to its own end.
    let _ = conn.execute(raw_sql(LOOK_FOR_CLIENT)).await;
    Ok(())
}

/// Bounds every wait of a connection.
pub(crate) async fn bound(conn: &mut AnyConnection, patience: Patience) -> sqlx::Result<()> {
    let sql = format!(
        "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}",
        patience.statement.as_millis(),
        patience.lock.as_millis(),
        patience.idle.as_millis(),
    );
    conn.execute(raw_sql(AssertSqlSafe(sql))).await.map(drop)
}

/// Refuses a pooler that lends connections for a transaction at a time: what one process tells its connection, its
/// statements among it, would be another's. There the second of two connections gets the first one's backend, which is
/// free again; two clients of a session have one each.
pub(crate) async fn refuse_shared(first: &mut AnyConnection, second: &mut AnyConnection) -> Result<(), OpenError> {
    let ours = backend(first).await?;
    let mut transaction = second.begin().await.map_err(pooled)?;
    let theirs = backend(&mut transaction).await?;
    transaction.rollback().await.map_err(pooled)?;
    if theirs == ours { Err(OpenError::Pooler) } else { Ok(()) }
}

async fn backend(conn: &mut AnyConnection) -> Result<i64, OpenError> {
    // Without values there is no name for the statement, which a pooler would trip over.
    let row = conn.fetch_one(raw_sql("SELECT CAST(pg_backend_pid() AS BIGINT)")).await.map_err(pooled)?;
    row.try_get(0).map_err(pooled)
}

/// What a pooler of transactions makes of named statements: there already, or not there. One of statements refuses
/// transactions.
pub(crate) fn pooled(error: sqlx::Error) -> OpenError {
    let said = error.as_database_error().map_or("", sqlx::error::DatabaseError::message);
    if said.contains("statement pooling mode") {
        return OpenError::Pooler;
    }
    match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
        Some("42P05" | "26000") => OpenError::Pooler,
        _ => OpenError::Store(error.into()),
    }
}
