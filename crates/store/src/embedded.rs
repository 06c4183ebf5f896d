//! A connection to SQLite whose statements run on the thread that sends them. What a statement costs is then the
//! statement: handing each to a thread of the driver, and its rows back, cost several times as much as most of them.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, ToSql};

use crate::db::{CACHED_VALUES, Value};
use crate::error::StoreError;
use crate::row::{Cell, Row};

/// So many statements stay prepared.
const PREPARED: usize = 256;

/// A connection, and which file it is to.
pub(crate) struct Embedded {
    path: PathBuf,
    /// Never contended: it makes of a connection something that may be looked at from several threads.
    conn: Mutex<Connection>,
}

impl Embedded {
    /// Opens a file that is there, and tells the connection what it begins with.
    pub(crate) fn open(path: &Path, pragmas: &[&str]) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.set_prepared_statement_cache_capacity(PREPARED);
        // Without it, whatever has a value for its LIMIT is planned anew each time that it is sent.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        for pragma in pragmas {
            conn.execute_batch(pragma)?;
        }
        Ok(Self { path: path.to_owned(), conn: Mutex::new(conn) })
    }

    /// The same file on a connection that has just been opened.
    pub(crate) fn anew(&self, pragmas: &[&str]) -> Result<Self, StoreError> {
        Self::open(&self.path, pragmas)
    }

    /// Begins to copy every page into another file.
    pub(crate) fn copy_to<'a>(&'a mut self, other: &'a mut Self) -> Result<Backup<'a, 'a>, StoreError> {
        Ok(Backup::new(self.conn(), other.conn())?)
    }

    fn conn(&mut self) -> &mut Connection {
        self.conn.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every row of an answer.
    pub(crate) fn all(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.with(sql, values, |statement| rows(statement, usize::MAX))
    }

    /// The first row of an answer.
    pub(crate) fn one(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.with(sql, values, |statement| rows(statement, 1))?.pop())
    }

    /// Runs a statement; answers how many rows it touched.
    pub(crate) fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        self.with(sql, values, |statement| rows(statement, usize::MAX).map(drop))?;
        Ok(self.conn().changes())
    }

    /// Statements without values: several of them, or one that is sent again and again.
    pub(crate) fn control(&mut self, sql: &str) -> Result<(), StoreError> {
        if sql.contains([';', '=']) {
            return Ok(self.conn().execute_batch(sql)?);
        }
        self.with(sql, &[], |statement| rows(statement, usize::MAX).map(drop))
    }

    /// How many rows statements on this connection have ever changed.
    pub(crate) fn rows_changed(&mut self) -> u64 {
        self.conn().total_changes()
    }

    /// Whether a transaction is open.
    pub(crate) fn is_in_transaction(&mut self) -> bool {
        !self.conn().is_autocommit()
    }

    /// Closes it, and says why that could not be done.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        let conn = self.conn.into_inner().unwrap_or_else(PoisonError::into_inner);
        conn.close().map_err(|(_, error)| error.into())
    }

    fn with<T>(
        &mut self,
        sql: &str,
        values: &[Value],
        work: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let conn = self.conn();
        if values.len() > CACHED_VALUES {
            let mut statement = conn.prepare(sql)?;
            bind(&mut statement, values)?;
            return Ok(work(&mut statement)?);
        }
        let mut statement = conn.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        Ok(work(&mut statement)?)
    }
}

/// `$3` is the third value wherever it stands, which SQLite takes for a name; `?` is the next one.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    let places = statement.parameter_count();
    for place in 1..=places {
        let numbered = statement.parameter_name(place).and_then(|name| name.get(1..)?.parse().ok());
        let missing = rusqlite::Error::InvalidParameterCount(values.len(), places);
        let value = values.get(numbered.unwrap_or(place) - 1).ok_or(missing)?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

fn rows(statement: &mut Statement<'_>, most: usize) -> rusqlite::Result<Vec<Row>> {
    let (columns, mut found) = (statement.column_count(), vec![]);
    let mut rows = statement.raw_query();
    while found.len() < most
        && let Some(row) = rows.next()?
    {
        let cells = (0..columns).map(|column| row.get_ref(column).map(cell));
        found.push(Row(cells.collect::<rusqlite::Result<_>>()?));
    }
    Ok(found)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map_or(Cell::Foreign, Cell::Text),
        ValueRef::Real(_) | ValueRef::Blob(_) => Cell::Foreign,
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Int(Some(number)) => ValueRef::Integer(*number),
            Self::Text(None) | Self::Int(None) => ValueRef::Null,
        }))
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_planned_once_however_much_it_is_bounded_to() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mailwright.db");
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE few (id INTEGER PRIMARY KEY)").unwrap();
        let (mut conn, sql) = (Embedded::open(&file, &[]).unwrap(), "SELECT id FROM few ORDER BY id LIMIT $1");
        for most in 1..5 {
            conn.all(sql, &[Value::from(most)]).unwrap();
        }
        let again = conn.with(sql, &[Value::from(9)], |statement| Ok(statement.get_status(StatementStatus::RePrepare)));
        assert_eq!(again.unwrap(), 0);
    }
}
