//! A row as a database answered it: text and whole numbers are all that both of them share.

use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{Row as _, ValueRef as _};

use crate::error::StoreError;

/// A column of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Something that no table of ours has.
    Foreign,
}

/// What one row of an answer has in its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Cell>);

impl Row {
    /// A column, from 0.
    pub(crate) fn cell(&self, column: usize) -> &Cell {
        self.0.get(column).unwrap_or(&Cell::Foreign)
    }

    /// The number in the first column.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn number(&self) -> Result<i64, StoreError> {
        match self.cell(0) {
            Cell::Int(number) => Ok(*number),
            other => Err(unexpected("a number", other)),
        }
    }

    /// The text in the first column, if there is any.
    ///
    /// # Errors
    /// When there is something else.
    pub(crate) fn text(&self) -> Result<Option<String>, StoreError> {
        match self.cell(0) {
            Cell::Text(text) => Ok(Some(text.clone())),
            Cell::Null => Ok(None),
            other => Err(unexpected("text", other)),
        }
    }

    /// A row that came over the wire.
    pub(crate) fn of(row: &AnyRow) -> Result<Self, StoreError> {
        (0..row.len()).map(|column| cell(row, column)).collect::<Result<_, _>>().map(Self)
    }
}

fn cell(row: &AnyRow, column: usize) -> Result<Cell, StoreError> {
    let raw = row.try_get_raw(column)?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    let kind = raw.type_info().kind();
    Ok(match kind {
        AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
            Cell::Int(row.try_get(column)?)
        }
        AnyTypeInfoKind::Text => Cell::Text(row.try_get(column)?),
        _ => Cell::Foreign,
    })
}

fn unexpected(wanted: &str, found: &Cell) -> StoreError {
    let found = match found {
        Cell::Null => "NULL",
        Cell::Int(_) => "a number",
        Cell::Text(_) => "text",
        Cell::Foreign => "something else",
    };
    StoreError::Row { table: "an answer", what: format!("{wanted} was expected, and {found} is there") }
}
