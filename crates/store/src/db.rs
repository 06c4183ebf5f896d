//! A connection with the few verbs that the reads and writes of this crate are made of.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use model::clock::Time;
use model::id::Id;
use sqlx::{AnyConnection, SqlSafeStr, SqlStr};

use crate::booked::Booked;
use crate::column::Raw;
use crate::dialect::Backend;
use crate::embedded::Embedded;
use crate::error::StoreError;
use crate::later::Later;
use crate::lending;
use crate::readers::Lent;
use crate::row::{Cell, Row};
use crate::seal::Vault;
use crate::seen::Seen;
use crate::share::Kind;
use crate::wire;

/// A value on its way into a statement: text and whole numbers are all that both databases share.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
}

macro_rules! value_from {
    ($($from:ty, $arg:ident => $value:expr;)*) => {
        $(impl From<$from> for Value { fn from($arg: $from) -> Self { $value } })*
    };
}

value_from! {
    &str, text => Self::Text(Some(text.to_owned()));
    String, text => Self::Text(Some(text));
    Option<String>, text => Self::Text(text);
    Option<&str>, text => Self::Text(text.map(ToOwned::to_owned));
    i64, number => Self::Int(Some(number));
    Option<i64>, number => Self::Int(number);
    bool, flag => Self::Int(Some(i64::from(flag)));
    Time, time => Self::Int(Some(time.0));
    Option<Time>, time => Self::Int(time.map(|time| time.0));
}

impl<I: Id> From<&I> for Value {
    fn from(id: &I) -> Self {
        Self::Text(Some(id.as_str().to_owned()))
    }
}

/// The id, or NULL.
pub(crate) fn id_or_null<I: Id>(id: Option<&I>) -> Value {
    Value::Text(id.map(|id| id.as_str().to_owned()))
}

macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}
pub(crate) use args;

/// A statement as it was sent, for the test that counts them and the benchmark that repeats them.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    /// Its values.
    pub values: Vec<Value>,
    /// How many rows it touched.
    pub rows: u64,
}

/// The statements of one write, or of one connection that was read with.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Whose write it was; `None` for reads.
    pub kind: Option<Kind>,
    /// What was sent, in order.
    pub statements: Vec<Statement>,
}

/// Hears of every statement that a store sends after it was opened: for tests that count and explain them.
#[derive(Clone)]
pub struct Witness(Arc<dyn Fn(Noted) + Send + Sync>);

impl Witness {
    /// One that calls `hear`.
    pub fn new(hear: impl Fn(Noted) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

/// What a witness is still to hear of.
pub(crate) struct Hearing {
    witness: Witness,
    statements: Vec<Statement>,
}

impl Hearing {
    pub(crate) fn of(witness: Option<&Witness>) -> Option<Self> {
        witness.map(|witness| Self { witness: witness.clone(), statements: vec![] })
    }

    pub(crate) fn tell(&mut self, kind: Option<Kind>) {
        let statements = std::mem::take(&mut self.statements);
        if !statements.is_empty() {
            (self.witness.0)(Noted { kind, statements });
        }
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        self.tell(None);
    }
}

/// A connection to read with.
pub struct Db {
    pub(crate) conn: Conn,
    pub(crate) backend: Backend,
    pub(crate) vault: Arc<Vault>,
    pub(crate) recording: Option<Vec<Statement>>,
    pub(crate) reading: Option<Vec<Statement>>,
    pub(crate) hearing: Option<Hearing>,
    /// Whether a statement has changed a row since the group of writes began.
    pub(crate) changed: bool,
    /// What the closure that is running has booked.
    pub(crate) booked: Booked,
    /// What it has read; `None` outside of one.
    pub(crate) seen: Option<Seen>,
    /// What it has put off.
    pub(crate) later: Later,
}

pub(crate) enum Conn {
    /// One that PostgreSQL is read and written with.
    Pooled(lending::Lent),
    /// Sees the database as it stood at one moment.
    Snapshot(lending::Snapshot),
    /// Somebody's own.
    Owned(Box<AnyConnection>),
    /// SQLite's one writing connection.
    Writing(Box<Embedded>),
    /// One that SQLite is read with.
    Reading(Lent),
}

/// Where a statement runs.
enum Place<'c> {
    /// On this thread.
    Here(&'c mut Embedded),
    /// Wherever the driver has it run, and how long that is waited for; `None` for as long as it takes.
    There(&'c mut AnyConnection, Option<Duration>),
}

impl Conn {
    fn place(&mut self) -> Result<Place<'_>, StoreError> {
        Ok(match self {
            Self::Pooled(lent) => {
                let (conn, limit) = lent.conn()?;
                Place::There(conn, Some(limit))
            }
            Self::Snapshot(snapshot) => {
                let (conn, limit) = snapshot.conn();
                Place::There(conn, Some(limit))
            }
            Self::Owned(conn) => Place::There(conn, None),
            Self::Writing(conn) => Place::Here(conn),
            Self::Reading(lent) => Place::Here(lent.conn()?),
        })
    }
}

impl Db {
    /// Something is about to be sent over the wire, or has been answered.
    const fn is_under_way(&mut self, is_it: bool) {
        if let Conn::Pooled(lent) = &mut self.conn {
            lent.is_under_way(is_it);
        }
    }

    /// What was answered over the wire. Where nobody answered, nobody is asked again.
    fn heard_of<T>(&mut self, asked: Result<T, StoreError>) -> Result<T, StoreError> {
        if let (Err(error), Conn::Pooled(lent)) = (&asked, &mut self.conn)
            && error.is_of_the_connection()
        {
            lent.is_lost();
        }
        asked
    }

    /// A transaction begins on a connection that is lent, or has ended.
    pub(crate) const fn is_open(&mut self, is_it: bool) {
        if let Conn::Pooled(lent) = &mut self.conn {
            lent.is_open(is_it);
        }
    }
}

/// Statements with more values than this are not worth a place in the statement cache: their texts
/// differ with the number of rows.
pub(crate) const CACHED_VALUES: usize = 160;

impl Db {
    /// A connection that nothing was asked of yet.
    pub(crate) const fn on(conn: Conn, backend: Backend, vault: Arc<Vault>) -> Self {
        Self {
            conn,
            backend,
            vault,
            recording: None,
            reading: None,
            hearing: None,
            changed: false,
            booked: Booked::none(),
            seen: None,
            later: Later::nothing(),
        }
    }

    /// Which database is underneath.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// What secrets are hashed with.
    #[must_use]
    pub fn vault(&self) -> Arc<Vault> {
        self.vault.clone()
    }

    pub(crate) async fn all(&mut self, sql: impl SqlSafeStr, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.send_later().await?;
        self.all_beside(sql, values).await
    }

    /// The same where nothing that was put off changes the answer.
    pub(crate) async fn all_beside(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = self.note_read(sql.into_sql_str(), &values);
        let heard = self.heard(&sql, &values);
        self.is_under_way(true);
        let rows = match self.conn.place()? {
            Place::Here(conn) => conn.all(sql.as_str(), &values)?,
            Place::There(conn, limit) => {
                let asked = wire::all(conn, limit, sql, values).await;
                self.heard_of(asked)?
            }
        };
        self.is_under_way(false);
        self.hear(heard, rows.len() as u64);
        Ok(rows)
    }

    pub(crate) async fn one(&mut self, sql: impl SqlSafeStr, values: Vec<Value>) -> Result<Option<Row>, StoreError> {
        self.send_later().await?;
        let sql = self.note_read(sql.into_sql_str(), &values);
        let heard = self.heard(&sql, &values);
        self.is_under_way(true);
        let row = match self.conn.place()? {
            Place::Here(conn) => conn.one(sql.as_str(), &values)?,
            Place::There(conn, limit) => {
                let asked = wire::one(conn, limit, sql, values).await;
                self.heard_of(asked)?
            }
        };
        self.is_under_way(false);
        self.hear(heard, u64::from(row.is_some()));
        Ok(row)
    }

    pub(crate) async fn run(&mut self, sql: impl SqlSafeStr, values: Vec<Value>) -> Result<u64, StoreError> {
        self.send_later().await?;
        let sql = sql.into_sql_str();
        let recorded = self.recording.is_some().then(|| (sql.as_str().to_owned(), values.clone()));
        let rows = self.execute(sql, values).await?;
        if let (Some(log), Some((sql, values))) = (&mut self.recording, recorded) {
            log.push(Statement { sql, values, rows });
        }
        Ok(rows)
    }

    /// Runs a statement, whatever was put off.
    pub(crate) async fn execute(&mut self, sql: impl SqlSafeStr, values: Vec<Value>) -> Result<u64, StoreError> {
        let sql = sql.into_sql_str();
        let heard = self.heard(&sql, &values);
        self.is_under_way(true);
        let rows = match self.conn.place()? {
            Place::Here(conn) => conn.run(sql.as_str(), &values)?,
            Place::There(conn, limit) => {
                let asked = wire::run(conn, limit, sql, values).await;
                self.heard_of(asked)?
            }
        };
        self.is_under_way(false);
        self.hear(heard, rows);
        self.changed |= rows > 0;
        Ok(rows)
    }

    fn heard(&self, sql: &SqlStr, values: &[Value]) -> Option<Statement> {
        self.hearing.as_ref().map(|_| Statement { sql: sql.as_str().to_owned(), values: values.to_vec(), rows: 0 })
    }

    fn hear(&mut self, heard: Option<Statement>, rows: u64) {
        if let (Some(hearing), Some(statement)) = (&mut self.hearing, heard) {
            hearing.statements.push(Statement { rows, ..statement });
        }
    }

    /// Begins to note every reading statement, or stops and hands over what was noted: for the test that
    /// asks the database how it would go about them.
    pub fn record_reads(&mut self, on: bool) -> Vec<Statement> {
        std::mem::replace(&mut self.reading, on.then(Vec::new)).unwrap_or_default()
    }

    fn note_read(&mut self, sql: SqlStr, values: &[Value]) -> SqlStr {
        if let Some(log) = &mut self.reading {
            log.push(Statement { sql: sql.as_str().to_owned(), values: values.to_vec(), rows: 0 });
        }
        sql
    }

    /// What a setting of the database is on this connection: for the operator, and for tests.
    ///
    /// # Errors
    /// When there is no such setting, or no database.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        let row = self.one("SELECT current_setting($1)", vec![Value::from(name)]).await?;
        row.map_or(Ok(None), |row| row.text())
    }

    /// Statements without values: transaction control and pragmas.
    pub(crate) async fn control(&mut self, sql: impl Into<String>) -> Result<(), StoreError> {
        self.is_under_way(true);
        match self.conn.place()? {
            Place::Here(conn) => conn.control(&sql.into())?,
            Place::There(conn, limit) => {
                let asked = wire::control(conn, limit, sql.into()).await;
                self.heard_of(asked)?;
            }
        }
        self.is_under_way(false);
        Ok(())
    }

    /// Closes the connection instead of giving it back: nobody knows what state it is in.
    pub(crate) fn discard(&mut self) {
        if let Conn::Pooled(lent) = &mut self.conn {
            lent.discard();
        }
    }

    /// The driver's own connection, for what only it can do.
    ///
    /// # Errors
    /// On a connection whose statements run on the thread that sends them.
    pub(crate) fn raw(&mut self) -> Result<&mut AnyConnection, StoreError> {
        match self.conn.place()? {
            Place::There(conn, _) => Ok(conn),
            Place::Here(_) => Err(StoreError::Closed),
        }
    }
}

/// A [`Db`] inside a writing transaction. Only [`crate::Store`] makes one.
pub struct Tx {
    pub(crate) db: Db,
}

impl Deref for Tx {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

impl Tx {
    /// Begins to note every writing statement, or stops and hands over what was noted.
    pub fn record(&mut self, on: bool) -> Vec<Statement> {
        std::mem::replace(&mut self.db.recording, on.then(Vec::new)).unwrap_or_default()
    }
}

/// Reads a row's columns one after the other.
pub(crate) struct Cells<'a> {
    row: &'a Row,
    table: &'static str,
    next: usize,
}

impl<'a> Cells<'a> {
    pub(crate) const fn new(table: &'static str, row: &'a Row) -> Self {
        Self { row, table, next: 0 }
    }

    /// Those of another table, from where these have come to.
    pub(crate) const fn then(self, table: &'static str) -> Self {
        Self { table, ..self }
    }

    /// Whether there is nothing in the next column.
    pub(crate) fn is_null(&self) -> bool {
        *self.row.cell(self.next) == Cell::Null
    }

    /// The next column, as the database keeps it.
    pub(crate) fn take<R: Raw>(&mut self) -> Result<R, StoreError> {
        let column = self.column();
        R::of(self.row.cell(column)).ok_or_else(|| self.broken(format!("column {column} holds something else")))
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.take()
    }

    pub(crate) fn text_or_null(&mut self) -> Result<Option<String>, StoreError> {
        self.take()
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.take()
    }

    pub(crate) fn int_or_null(&mut self) -> Result<Option<i64>, StoreError> {
        self.take()
    }

    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn time(&mut self) -> Result<Time, StoreError> {
        Ok(Time(self.int()?))
    }

    pub(crate) fn time_or_null(&mut self) -> Result<Option<Time>, StoreError> {
        Ok(self.int_or_null()?.map(Time))
    }

    pub(crate) fn id<I: Id>(&mut self) -> Result<I, StoreError> {
        Ok(I::opaque(self.text()?))
    }

    pub(crate) fn id_or_null<I: Id>(&mut self) -> Result<Option<I>, StoreError> {
        Ok(self.text_or_null()?.map(I::opaque))
    }

    /// A column that holds one of a set of names.
    pub(crate) fn named<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let text = self.text()?;
        parse(&text).ok_or_else(|| self.broken(format!("unknown name {text:?}")))
    }

    /// Passes over a column that is never read.
    pub(crate) const fn skip(&mut self) {
        self.next += 1;
    }

    pub(crate) fn broken(&self, what: String) -> StoreError {
        StoreError::Row { table: self.table, what }
    }

    const fn column(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }
}
