//! Statements that are sent over the wire.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::any::AnyArguments;
use sqlx::{Any, AnyConnection, Arguments as _, AssertSqlSafe, Executor as _, SqlStr, raw_sql};

use crate::db::Value;
use crate::error::StoreError;
use crate::row::Row;

/// Statements with more values than this are not worth a place in the cache of a connection to PostgreSQL: their texts differ with the
/// number of rows. One statement is all that a small order inserts there.
const CACHED_THERE: usize = 400;

/// An answer that is waited for. It is large, and on the heap it is no part of everything that may ask.
type Answer<'c, T> = BoxFuture<'c, Result<T, StoreError>>;

/// Every row of an answer.
pub(crate) fn all(
    conn: &mut AnyConnection,
    limit: Option<Duration>,
    sql: SqlStr,
    values: Vec<Value>,
) -> Answer<'_, Vec<Row>> {
    async move {
        let rows = answered(limit, query(sql, values)?.fetch_all(conn)).await?;
        rows.iter().map(Row::of).collect()
    }
    .boxed()
}

/// The first row of an answer.
pub(crate) fn one(
    conn: &mut AnyConnection,
    limit: Option<Duration>,
    sql: SqlStr,
    values: Vec<Value>,
) -> Answer<'_, Option<Row>> {
    async move { answered(limit, query(sql, values)?.fetch_optional(conn)).await?.as_ref().map(Row::of).transpose() }
        .boxed()
}

/// Runs a statement; answers how many rows it touched.
pub(crate) fn run(
    conn: &mut AnyConnection,
    limit: Option<Duration>,
    sql: SqlStr,
    values: Vec<Value>,
) -> Answer<'_, u64> {
    async move { Ok(answered(limit, query(sql, values)?.execute(conn)).await?.rows_affected()) }.boxed()
}

/// Statements without values.
pub(crate) fn control(conn: &mut AnyConnection, limit: Option<Duration>, sql: String) -> Answer<'_, ()> {
    async move { answered(limit, conn.execute(raw_sql(AssertSqlSafe(sql)))).await.map(drop) }.boxed()
}

/// Waits for an answer over the wire as long as may be.
async fn answered<T>(
    limit: Option<Duration>,
    asking: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, asking).await.map_err(|_| StoreError::Silent)?.map_err(Into::into),
        None => Ok(asking.await?),
    }
}

/// A statement with its values.
fn query(sql: SqlStr, values: Vec<Value>) -> Result<sqlx::query::Query<'static, Any, AnyArguments>, StoreError> {
    let cached = values.len() <= CACHED_THERE;
    let mut arguments = AnyArguments::default();
    for value in values {
        let added = match value {
            Value::Text(text) => arguments.add(text),
            Value::Int(number) => arguments.add(number),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(sqlx::query_with(sql, arguments).persistent(cached))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn who_does_not_answer_in_time_is_silent() {
        let silent = answered::<()>(Some(Duration::ZERO), pending()).await.unwrap_err();
        assert!(matches!(silent, StoreError::Silent) && silent.is_of_the_connection() && silent.is_busy());
        assert_eq!(answered(Some(Duration::ZERO), async { Ok(7) }).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_connection_that_breaks_is_no_fault_of_ours() {
        let broken = || sqlx::Error::Io(std::io::ErrorKind::UnexpectedEof.into());
        let broken = answered::<()>(None, async { Err(broken()) }).await.unwrap_err();
        assert!(broken.is_of_the_connection() && broken.is_busy());
        let other = answered::<()>(None, async { Err(sqlx::Error::RowNotFound) }).await.unwrap_err();
        assert!(!other.is_of_the_connection() && !other.is_busy());
    }
}
