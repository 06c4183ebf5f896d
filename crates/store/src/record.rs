//! How a thing becomes a row and a row becomes a thing: written once, for every table.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::id::Id;
use sqlx::AssertSqlSafe;

use crate::db::{CACHED_VALUES, Cells, Db, Tx, Value};
use crate::dialect::Backend;
use crate::error::{Halt, StoreError};
use crate::row::{Cell, Row};
use crate::seal::Vault;
use crate::seen;

/// A thing that is kept as one row: see [`crate::table`], which makes it.
pub(crate) trait Record: Sized {
    /// The table's name.
    const TABLE: &'static str;
    /// The columns: those that never change, then those that do.
    const COLUMNS: &'static [&'static str];
    /// How many of them never change.
    const FIXED: usize;

    /// The values in the order of the columns.
    fn values(&self, vault: &Vault) -> Vec<Value>;
    /// The thing that a row holds.
    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError>;
}

/// A column's place among those of its table, from 1. It is asked for in a constant: another name does not compile.
pub(crate) const fn place<R: Record>(column: &str) -> usize {
    let mut place = 1;
    while !is_same(R::COLUMNS[place - 1], column) {
        place += 1;
    }
    place
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut n = 0;
    while n < one.len() && n < other.len() && one[n] == other[n] {
        n += 1;
    }
    n == one.len() && n == other.len()
}

/// A list in a statement has this many entries at most: what is longer is asked for in pieces.
pub(crate) const LIST: usize = 100;

/// How many values one statement that writes several rows has at most. On PostgreSQL each is a journey. On SQLite it is a call, and what
/// costs is to plan those that do not stay prepared.
const fn most_values(backend: Backend) -> usize {
    match backend {
        Backend::Postgres => 4_000,
        Backend::Sqlite => CACHED_VALUES,
    }
}

/// `SELECT` and the columns and the table.
pub(crate) fn select<R: Record>(rest: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("SELECT {} FROM {} {rest}", R::COLUMNS.join(", "), R::TABLE))
}

/// The columns of a table that has another name in a statement.
pub(crate) fn all_of<R: Record>(name: &str) -> String {
    let mut all = String::new();
    for column in R::COLUMNS {
        all.push_str(if all.is_empty() { "" } else { ", " });
        all.extend([name, ".", column]);
    }
    all
}

pub(crate) fn read_all<R: Record>(rows: &[Row]) -> Result<Vec<R>, StoreError> {
    rows.iter().map(|row| R::read(&mut Cells::new(R::TABLE, row))).collect()
}

impl Db {
    /// Every row that the rest of the statement selects.
    pub(crate) async fn find_all<R: Record>(&mut self, rest: &str, values: Vec<Value>) -> Result<Vec<R>, StoreError> {
        let rows = self.all(select::<R>(rest), values).await?;
        let records = read_all(&rows)?;
        if let Some(seen) = &mut self.seen {
            seen.remember::<R>(rows);
        }
        Ok(records)
    }

    /// The row that the rest of the statement selects, if there is one.
    pub(crate) async fn find<R: Record>(&mut self, rest: &str, values: Vec<Value>) -> Result<Option<R>, StoreError> {
        let Some(row) = self.one(select::<R>(rest), values).await? else { return Ok(None) };
        let record = R::read(&mut Cells::new(R::TABLE, &row))?;
        if let Some(seen) = &mut self.seen {
            seen.remember::<R>(vec![row]);
        }
        Ok(Some(record))
    }

    /// The rows that any of some rests of a statement selects, each by itself. Given a list of what is looked for, PostgreSQL reads all that
    /// the rest of the condition finds and filters it, as long as it has not analysed the table.
    pub(crate) async fn find_each<R: Record>(
        &mut self,
        rests: impl Iterator<Item = String>,
        values: Vec<Value>,
    ) -> Result<Vec<R>, StoreError> {
        let columns = R::COLUMNS.join(", ");
        let each: Vec<_> = rests.map(|rest| format!("SELECT {columns} FROM {} {rest}", R::TABLE)).collect();
        let rows = self.all(AssertSqlSafe(each.join(" UNION ALL ")), values).await?;
        let records = read_all(&rows)?;
        if let Some(seen) = &mut self.seen {
            seen.remember::<R>(rows);
        }
        Ok(records)
    }

    /// A record that was read or written before, as it is now: its row is only decoded when it is another version. `version` is the
    /// one that `known` has.
    pub(crate) async fn find_again<R: Record + Clone>(
        &mut self,
        id: Value,
        (known, version): (&R, i64),
    ) -> Result<Option<R>, StoreError> {
        const { assert!(place::<R>("id") == 1 && place::<R>("version") == R::COLUMNS.len()) };
        let Some(row) = self.one(select::<R>("WHERE id = $1"), vec![id]).await? else { return Ok(None) };
        let record = match row.is_at::<R>(version) {
            true => known.clone(),
            false => R::read(&mut Cells::new(R::TABLE, &row))?,
        };
        if let Some(seen) = &mut self.seen {
            seen.remember::<R>(vec![row]);
        }
        Ok(Some(record))
    }
}

impl Db {
    /// Several of them, in no order, held until the commit; those that are not there any more or that somebody else holds are passed over.
    pub(crate) async fn find_all_free<R: Record + Clone>(
        &mut self,
        known: Vec<(Value, &R, i64)>,
    ) -> Result<Vec<R>, StoreError> {
        let mut found = vec![];
        if self.backend() == Backend::Sqlite {
            for (id, one, version) in known {
                found.extend(self.find_again(id, (one, version)).await?);
            }
            return Ok(found);
        }
        for some in known.chunks(LIST) {
            let mut rest = "WHERE id IN (".to_owned();
            push_places(&mut rest, 1, some.len());
            // Rows that refer to one of them may be written meanwhile: they do not change it.
            rest.push_str(") FOR NO KEY UPDATE SKIP LOCKED");
            let rows = self.all(select::<R>(&rest), some.iter().map(|(id, ..)| id.clone()).collect()).await?;
            for row in &rows {
                let is_it = |(id, ..): &&(Value, &R, i64)| seen::is_same(row.cell(0), id);
                let as_known = some.iter().find(is_it).filter(|(.., version)| row.is_at::<R>(*version));
                found.push(match as_known {
                    Some((_, one, _)) => (*one).clone(),
                    None => R::read(&mut Cells::new(R::TABLE, row))?,
                });
            }
            if let Some(seen) = &mut self.seen {
                seen.remember::<R>(rows);
            }
        }
        Ok(found)
    }

    /// The rows that have these ids, in no order; ids that nothing has are passed over.
    pub(crate) async fn find_those<R: Record, I: Id>(&mut self, ids: &[I]) -> Result<Vec<R>, StoreError> {
        let mut found = vec![];
        for ids in ids.chunks(LIST) {
            let mut rest = "WHERE id IN (".to_owned();
            push_places(&mut rest, 1, ids.len());
            rest.push(')');
            found.extend(self.find_all(&rest, ids.iter().map(Value::from).collect()).await?);
        }
        Ok(found)
    }
}

impl Tx {
    /// How many rows of so many columns one statement writes at most.
    pub(crate) fn rows_at_once(&self, columns: usize) -> usize {
        (most_values(self.backend()) / columns).max(1)
    }

    /// Inserts rows, as few statements as the limits allow.
    pub(crate) async fn insert<R: Record>(&mut self, records: &[R]) -> Result<(), Halt> {
        for chunk in records.chunks(self.rows_at_once(R::COLUMNS.len())) {
            let mut sql = format!("INSERT INTO {} ({}) VALUES ", R::TABLE, R::COLUMNS.join(", "));
            self.backend().push_rows(&mut sql, chunk.len(), R::COLUMNS.len());
            let values = chunk.iter().flat_map(|record| record.values(&self.vault)).collect();
            self.insert_later(sql, values, chunk.len()).await?;
        }
        Ok(())
    }

    /// Replaces rows, each only at the version it was read at. What is as it was read in this transaction is left alone.
    pub(crate) async fn update<R: Record>(&mut self, records: &[R]) -> Result<(), Halt> {
        const { assert!(place::<R>("id") == 1 && place::<R>("version") == R::COLUMNS.len()) };
        let at_once = match self.backend() {
            Backend::Postgres => self.rows_at_once(R::COLUMNS.len()),
            // To find its row by its id costs less than to join it with a list.
            Backend::Sqlite => 1,
        };
        for chunk in records.chunks(at_once) {
            let rows: Vec<_> = chunk.iter().map(|record| record.values(&self.vault)).collect();
            let columns = self.changed::<R>(&rows);
            let sql = match rows.len() {
                1 => update_sql::<R>(&columns),
                many => self.update_all_sql::<R>(many, &columns),
            };
            let values = rows.into_iter().flat_map(|row| those::<R>(row, &columns)).collect();
            let updated = self.run(AssertSqlSafe(sql), values).await?;
            if usize::try_from(updated) != Ok(chunk.len()) {
                return Err(Halt::Clash);
            }
        }
        Ok(())
    }

    /// The columns in which any of some rows differs from what was read; all that can change where that is not known.
    fn changed<R: Record>(&mut self, rows: &[Vec<Value>]) -> Vec<usize> {
        let mut changed = BTreeSet::new();
        for row in rows {
            match self.seen.as_mut().and_then(|seen| seen.changed::<R>(row)) {
                Some(columns) => changed.extend(columns),
                None => return (R::FIXED..R::COLUMNS.len() - 1).collect(),
            }
        }
        changed.into_iter().collect()
    }

    /// Replaces so many rows at once: each statement is a round trip.
    fn update_all_sql<R: Record>(&self, rows: usize, columns: &[usize]) -> String {
        let (table, last) = (R::TABLE, columns.len() + 2);
        let mut sql = format!("UPDATE {table} SET ");
        for (place, column) in (2..).zip(columns) {
            let _ = write!(sql, "{} = new.column{place}, ", R::COLUMNS[*column]);
        }
        let _ = write!(sql, "version = {table}.version + 1 FROM (VALUES ");
        self.backend().push_rows(&mut sql, rows, last);
        let _ = write!(sql, ") new WHERE {table}.id = new.column1 AND {table}.version = new.column{last}");
        sql
    }
}

impl Row {
    /// Whether it is at a version.
    fn is_at<R: Record>(&self, version: i64) -> bool {
        *self.cell(R::COLUMNS.len() - 1) == Cell::Int(version)
    }
}

/// Adds `$3, $4, $5` for the values from one place to another.
pub(crate) fn push_places(sql: &mut String, from: usize, to: usize) {
    for place in from..=to {
        let _ = write!(sql, "{}${place}", if place == from { "" } else { ", " });
    }
}

fn update_sql<R: Record>(columns: &[usize]) -> String {
    let mut sql = format!("UPDATE {} SET ", R::TABLE);
    for (place, column) in (2..).zip(columns) {
        let _ = write!(sql, "{} = ${place}, ", R::COLUMNS[*column]);
    }
    let _ = write!(sql, "version = version + 1 WHERE id = $1 AND version = ${}", columns.len() + 2);
    sql
}

/// The id of a row, its values in some columns, and its version.
fn those<R: Record>(mut values: Vec<Value>, columns: &[usize]) -> Vec<Value> {
    let take = |column: usize| values.get_mut(column).map(|value| std::mem::replace(value, Value::Int(None)));
    let version = R::COLUMNS.len() - 1;
    std::iter::once(0).chain(columns.iter().copied()).chain([version]).filter_map(take).collect()
}
