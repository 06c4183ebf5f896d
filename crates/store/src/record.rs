//! How a thing becomes a row and a row becomes a thing: written once, for every table.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::db::{Cells, Db, Tx, Value};
use crate::error::{Halt, StoreError};
use crate::seal::Vault;

/// A thing that is kept as one row.
pub(crate) trait Record: Sized {
    /// The table's name.
    const TABLE: &'static str;
    /// The columns: `id` first, then those that never change, then those that do, `version` last.
    const COLUMNS: &'static [&'static str];
    /// How many columns at the front never change.
    const FIXED: usize;

    /// The values in the order of the columns.
    fn values(&self, vault: &Vault) -> Vec<Value>;
    /// The thing that a row holds.
    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError>;
}

/// A list in a statement has this many entries at most: what is longer is asked for in pieces.
pub(crate) const LIST: usize = 100;

/// `SELECT` and the columns and the table.
pub(crate) fn select<R: Record>(rest: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("SELECT {} FROM {} {rest}", R::COLUMNS.join(", "), R::TABLE))
}

pub(crate) fn read_all<R: Record>(rows: &[AnyRow]) -> Result<Vec<R>, StoreError> {
    rows.iter().map(|row| R::read(&mut Cells::new(R::TABLE, row))).collect()
}

impl Db {
    /// Every row that the rest of the statement selects.
    pub(crate) async fn find_all<R: Record>(&mut self, rest: &str, values: Vec<Value>) -> Result<Vec<R>, StoreError> {
        read_all(&self.all(select::<R>(rest), values).await?)
    }

    /// The row that the rest of the statement selects, if there is one.
    pub(crate) async fn find<R: Record>(&mut self, rest: &str, values: Vec<Value>) -> Result<Option<R>, StoreError> {
        let row = self.one(select::<R>(rest), values).await?;
        row.map(|row| R::read(&mut Cells::new(R::TABLE, &row))).transpose()
    }
}

impl Tx {
    /// How many rows of so many columns one statement writes at most.
    pub(crate) fn rows_at_once(&self, columns: usize) -> usize {
        (self.backend().most_values() / columns).max(1)
    }

    /// Inserts rows, as few statements as the limits allow.
    pub(crate) async fn insert<R: Record>(&mut self, records: &[R]) -> Result<(), Halt> {
        for chunk in records.chunks(self.rows_at_once(R::COLUMNS.len())) {
            let mut sql = format!("INSERT INTO {} ({}) VALUES ", R::TABLE, R::COLUMNS.join(", "));
            push_rows(&mut sql, chunk.len(), R::COLUMNS.len());
            let values = chunk.iter().flat_map(|record| record.values(&self.vault)).collect();
            self.run(AssertSqlSafe(sql), values).await?;
        }
        Ok(())
    }

    /// Replaces rows, each only at the version it was read at.
    pub(crate) async fn update<R: Record>(&mut self, records: &[R]) -> Result<(), Halt> {
        for record in records {
            let values = record.values(&self.vault);
            if self.run(AssertSqlSafe(update_sql::<R>()), reorder::<R>(values)).await? == 0 {
                return Err(Halt::Clash);
            }
        }
        Ok(())
    }
}

/// Adds `$3, $4, $5` for the values from one place to another.
pub(crate) fn push_places(sql: &mut String, from: usize, to: usize) {
    for place in from..=to {
        let _ = write!(sql, "{}${place}", if place == from { "" } else { ", " });
    }
}

/// Adds `($1, $2), ($3, $4)` for so many rows of so many columns.
pub(crate) fn push_rows(sql: &mut String, rows: usize, columns: usize) {
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let _ = write!(sql, "{}${}", if column == 0 { "" } else { ", " }, row * columns + column + 1);
        }
        sql.push(')');
    }
}

fn update_sql<R: Record>() -> String {
    let changing = &R::COLUMNS[R::FIXED..R::COLUMNS.len() - 1];
    let mut sql = format!("UPDATE {} SET ", R::TABLE);
    for (n, column) in changing.iter().enumerate() {
        let _ = write!(sql, "{column} = ${}, ", n + 1);
    }
    let _ =
        write!(sql, "version = version + 1 WHERE id = ${} AND version = ${}", changing.len() + 1, changing.len() + 2);
    sql
}

/// The changing values, then the id, then the version.
fn reorder<R: Record>(mut values: Vec<Value>) -> Vec<Value> {
    let mut rest = values.split_off(R::FIXED);
    let version = rest.pop();
    rest.extend(values.into_iter().next());
    rest.extend(version);
    rest
}
