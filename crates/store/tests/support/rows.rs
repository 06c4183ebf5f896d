//! Rows of every table that belongs to a world, made from the schema alone: a table that is added later is in too.

use sqlx::{AnyPool, AssertSqlSafe};

use super::bench::Bench;

/// A table's columns with their types, for every table whose rows belong to a world.
pub(crate) struct Tables {
    pool: AnyPool,
    tables: Vec<(String, Vec<(String, bool)>)>,
}

/// What a column's checks allow, where they do not allow everything.
const ALLOWED: &[(&str, &str)] = &[
    ("users.status", "'active'"),
    ("bundles.status", "'active'"),
    ("domains.source", "'registrar'"),
    ("domains.status", "'active'"),
    ("runs.state", "'open'"),
    ("runs.finished_at", "NULL"),
    ("deliveries.status", "'pending'"),
    ("tasks.lane", "'step'"),
];

impl Tables {
    pub(crate) async fn of(bench: &Bench) -> Self {
        let mut tables: Vec<(String, Vec<(String, bool)>)> = vec![];
        for line in bench.schema().await {
            let Some((table, rest)) = line.split_once('.') else { continue };
            let (column, kind) = rest.split_once(' ').expect("a column and its type");
            if tables.last().is_none_or(|(last, _)| last != table) {
                tables.push((table.to_owned(), vec![]));
            }
            let columns = &mut tables.last_mut().expect("just pushed").1;
            columns.push((column.to_owned(), kind.starts_with("number")));
        }
        tables.retain(|(_, columns)| columns.iter().any(|(column, _)| column == "world"));
        Self { pool: bench.pool().await, tables }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|(name, _)| name.as_str())
    }

    /// Puts so many rows of a world into a table; numbers, times among them, are `number`.
    pub(crate) async fn put(&self, table: &str, partner: &str, world: &str, rows: usize, number: i64) {
        let (_, columns) = self.tables.iter().find(|(name, _)| name == table).expect("a table");
        let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
        for n in 0..rows {
            let value = |(column, is_number): &(String, bool)| match (column.as_str(), is_number) {
                ("partner", _) => format!("'{partner}'"),
                ("world", _) => format!("'{world}'"),
                (column, is_number) => {
                    let path = format!("{table}.{column}");
                    let allowed = ALLOWED.iter().find(|(one, _)| *one == path);
                    let free = if *is_number { number.to_string() } else { format!("'{partner} {world} {n}'") };
                    allowed.map_or(free, |(_, value)| (*value).to_owned())
                }
            };
            let values: Vec<_> = columns.iter().map(value).collect();
            let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
            sqlx::query(AssertSqlSafe(sql)).execute(&self.pool).await.expect("the row is put");
        }
    }

    /// How many rows of a world a table has.
    pub(crate) async fn count(&self, table: &str, partner: &str, world: &str) -> i64 {
        let sql =
            format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table} WHERE partner = '{partner}' AND world = '{world}'");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await.expect("a number")
    }
}
