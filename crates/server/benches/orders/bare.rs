//! What the machine can do when nothing is decided: the statements of an order, and a commit.

use std::time::Duration;

use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, Arguments as _, AssertSqlSafe, Connection as _, Executor as _};
use store::Value;
use tokio::time::Instant;

use crate::database::Database;
use crate::order;
use crate::pgbench;
use crate::recording::{Cell, Recording};

/// The server keeps no prepared statement that has more values than this, so neither does its rival.
const CACHED_VALUES: usize = 160;

/// Orders committed before the time is taken.
const WARM_UP: u64 = 20;

/// How long a bare rate is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Orders, on SQLite.
    pub(crate) orders: u64,
    /// Seconds, on PostgreSQL.
    pub(crate) seconds: u32,
}

/// Orders a second on a fresh copy of the schema: on SQLite those of one connection, through the driver
/// and at the settings of the server; on PostgreSQL those of pgbench with eight clients.
pub(crate) async fn rate(database: Database, recording: &Recording, effort: Effort) -> anyhow::Result<f64> {
    let place = database.place().await?;
    drop(place.open().await?);
    match database {
        Database::Sqlite => {
            let took = replay(&place.url, recording, effort.orders).await?;
            Ok(effort.orders as f64 / took.as_secs_f64())
        }
        Database::Postgres(_) => pgbench::rate(&place, recording, effort.seconds),
    }
}

async fn replay(url: &str, recording: &Recording, orders: u64) -> anyhow::Result<Duration> {
    let mut connection = AnyConnection::connect(url).await?;
    for pragma in ["PRAGMA busy_timeout = 5000", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"] {
        connection.execute(sqlx::raw_sql(pragma)).await?;
    }
    let mut prepared = vec![];
    for number in 0..WARM_UP + orders {
        prepared.push(statements(recording, &order::stamp(number))?);
    }
    let timed = prepared.split_off(usize::try_from(WARM_UP)?);
    for order in prepared {
        commit(&mut connection, order).await?;
    }
    let began = Instant::now();
    for order in timed {
        commit(&mut connection, order).await?;
    }
    let took = began.elapsed();
    connection.close().await?;
    Ok(took)
}

fn statements<'a>(recording: &'a Recording, stamp: &str) -> anyhow::Result<Vec<(&'a str, usize, AnyArguments)>> {
    let mut statements = vec![];
    for pattern in &recording.statements {
        let mut arguments = AnyArguments::default();
        for cell in &pattern.values {
            let added = match cell {
                Cell::Stamped(pieces) => arguments.add(pieces.join(stamp)),
                Cell::Same(Value::Text(text)) => arguments.add(text.clone()),
                Cell::Same(Value::Int(number)) => arguments.add(*number),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        statements.push((pattern.sql.as_str(), pattern.values.len(), arguments));
    }
    Ok(statements)
}

async fn commit(connection: &mut AnyConnection, order: Vec<(&str, usize, AnyArguments)>) -> anyhow::Result<()> {
    connection.execute(sqlx::raw_sql("BEGIN IMMEDIATE")).await?;
    for (sql, values, arguments) in order {
        let query = sqlx::query_with(AssertSqlSafe(sql.to_owned()), arguments);
        query.persistent(values <= CACHED_VALUES).execute(&mut *connection).await?;
    }
    connection.execute(sqlx::raw_sql("COMMIT")).await?;
    Ok(())
}
