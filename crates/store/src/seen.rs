//! Rows as they were read in the transaction that is under way: an update writes what differs from them, and leaves the
//! indexes of everything else alone.

use std::collections::HashMap;

use crate::db::Value;
use crate::record::Record;
use crate::row::{Cell, Row};

/// So many rows are remembered; those of larger transactions are written whole.
const MOST: usize = 512;

/// Rows by table and id.
#[derive(Default)]
pub(crate) struct Seen(HashMap<(&'static str, String), Row>);

impl Seen {
    /// Remembers rows that have every column of their table.
    pub(crate) fn remember<R: Record>(&mut self, rows: Vec<Row>) {
        // Only what has a version says whether it is still as it was read.
        if R::COLUMNS.last() != Some(&"version") {
            return;
        }
        for row in rows {
            if let Cell::Text(id) = row.cell(0)
                && self.0.len() < MOST
            {
                self.0.insert((R::TABLE, id.clone()), row);
            }
        }
    }

    /// Which of the columns that can change differ, from 0, of a record that is about to be written over the version that was
    /// read; `None` when it was not read. It is forgotten: its row is another one now.
    pub(crate) fn changed<R: Record>(&mut self, values: &[Value]) -> Option<Vec<usize>> {
        let Some(Value::Text(Some(id))) = values.first() else { return None };
        let row = self.0.remove(&(R::TABLE, id.clone()))?;
        let version = R::COLUMNS.len() - 1;
        if !is_same(row.cell(version), values.get(version)?) {
            return None;
        }
        let differs = |column: &usize| values.get(*column).is_none_or(|value| !is_same(row.cell(*column), value));
        Some((R::FIXED..version).filter(differs).collect())
    }
}

/// Whether a column has a value.
pub(crate) fn is_same(cell: &Cell, value: &Value) -> bool {
    match (cell, value) {
        (Cell::Null, Value::Text(None) | Value::Int(None)) => true,
        (Cell::Text(cell), Value::Text(Some(value))) => cell == value,
        (Cell::Int(cell), Value::Int(Some(value))) => cell == value,
        _ => false,
    }
}
