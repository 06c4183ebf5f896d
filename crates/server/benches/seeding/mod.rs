//! Fills a database in a few large statements: a number series, and expressions over it.

use model::clock::Time;
use model::id::PartnerId;
use model::world::World;
use server::cli::out;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

use words::Words;

mod size;
mod tables;
mod words;

pub(crate) use size::{DOMAINS, Size};

/// The moment at which everything was seeded.
pub(crate) const NOW: Time = Time::from_millis(1_780_000_000_000);

/// Rows of one statement: large enough to be fast, small enough to be committed in a moment.
const CHUNK: i64 = 100_000;

/// Whose everything is.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) partner: PartnerId,
    pub(crate) world: World,
}

/// Fills every table that grows with the orders.
pub(crate) async fn fill(url: &str, owner: &Owner, size: Size) -> anyhow::Result<()> {
    let mut connection = AnyConnection::connect(url).await?;
    let sqlite = url.starts_with("sqlite:");
    if sqlite {
        for pragma in ["PRAGMA busy_timeout = 60000", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000"] {
            connection.execute(sqlx::raw_sql(pragma)).await?;
        }
    }
    let words = Words { sqlite };
    for table in tables::all(&words, owner, size) {
        out::line(&format!("{}: {} rows", table.name, table.rows)).expect("standard output takes it");
        let mut from = 0;
        while from < table.rows {
            let to = (from + CHUNK).min(table.rows);
            let series = words.series(from, to);
            let sql = format!("INSERT INTO {} ({}) SELECT {} FROM {series}", table.name, table.columns, table.values);
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            from = to;
        }
    }
    settle(&mut connection, sqlite).await?;
    connection.close().await?;
    Ok(())
}

/// What time does to a database by itself; otherwise the first readers of a row pay for it.
async fn settle(connection: &mut AnyConnection, sqlite: bool) -> anyhow::Result<()> {
    if sqlite {
        connection.execute(sqlx::raw_sql("ANALYZE")).await?;
        connection.execute(sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")).await?;
    } else {
        connection.execute(sqlx::raw_sql("VACUUM (ANALYZE)")).await?;
        // An operator's own database may not let us; nothing is measured there.
        connection.execute(sqlx::raw_sql("CHECKPOINT")).await.ok();
    }
    Ok(())
}
