//! Inserts that nobody has to be told of one by one. On PostgreSQL, where each statement is a journey there and back, those of a
//! transaction travel together, as parts of one statement; SQLite runs each at once.
//!
//! The parts of one statement do not see each other's rows (PostgreSQL, "Data-Modifying Statements in WITH"). So whatever may read
//! what was put off, or change it, has it sent before.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use crate::db::{Db, Statement, Tx, Value};
use crate::dialect::Backend;
use crate::error::StoreError;

/// So many values travel together at most: PostgreSQL takes 65,535.
const MOST_VALUES: usize = 8_000;

/// Inserts that have been put off.
#[derive(Default)]
pub(crate) struct Later {
    /// Their texts, each with how many values came before its own.
    parts: Vec<(String, usize)>,
    values: Vec<Value>,
}

impl Later {
    /// None.
    pub(crate) const fn nothing() -> Self {
        Self { parts: vec![], values: vec![] }
    }

    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn has_room_for(&self, values: usize) -> bool {
        self.values.len() + values <= MOST_VALUES
    }

    fn put(&mut self, sql: String, values: Vec<Value>) {
        self.parts.push((sql, self.values.len()));
        self.values.extend(values);
    }

    /// One statement of all of them: the last one is what its answer is about.
    fn together(self) -> (String, Vec<Value>) {
        let (mut sql, last) = (String::new(), self.parts.len().saturating_sub(1));
        for (n, (part, before)) in self.parts.into_iter().enumerate() {
            match n {
                _ if n == last => push_shifted(&mut sql, &part, before),
                _ => {
                    // Writing to a string cannot fail.
                    let _ = write!(sql, "{}part{n} AS (", if n == 0 { "WITH " } else { "" });
                    push_shifted(&mut sql, &part, before);
                    sql.push_str(if n + 1 == last { ") " } else { "), " });
                }
            }
        }
        (sql, self.values)
    }
}

/// Adds a statement whose values come after so many others.
fn push_shifted(sql: &mut String, part: &str, before: usize) {
    let mut pieces = part.split('$');
    sql.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let place = piece[..digits].parse::<usize>().unwrap_or_default();
        let _ = write!(sql, "${}{}", place + before, &piece[digits..]);
    }
}

impl Db {
    /// Sends what was put off.
    pub(crate) async fn send_later(&mut self) -> Result<(), StoreError> {
        if self.later.is_empty() {
            return Ok(());
        }
        let (sql, values) = std::mem::take(&mut self.later).together();
        self.execute(AssertSqlSafe(sql), values).await.map(drop)
    }
}

impl Tx {
    /// Inserts so many rows: with what comes next, or at the end of the transaction at the latest.
    pub(crate) async fn insert_later(
        &mut self,
        sql: String,
        values: Vec<Value>,
        rows: usize,
    ) -> Result<(), StoreError> {
        if self.backend() == Backend::Sqlite {
            return self.run(AssertSqlSafe(sql), values).await.map(drop);
        }
        if !self.later.has_room_for(values.len()) {
            self.send_later().await?;
        }
        if let Some(log) = &mut self.recording {
            log.push(Statement { sql: sql.clone(), values: values.clone(), rows: rows as u64 });
        }
        self.later.put(sql, values);
        Ok(())
    }

    /// Inserts, together with everything that was put off; answers how many rows of its own there are.
    pub(crate) async fn insert_now(&mut self, sql: String, values: Vec<Value>) -> Result<u64, StoreError> {
        if self.later.is_empty() || !self.later.has_room_for(values.len()) {
            return self.run(AssertSqlSafe(sql), values).await;
        }
        let at = self.recording.as_mut().map(|log| {
            log.push(Statement { sql: sql.clone(), values: values.clone(), rows: 0 });
            log.len() - 1
        });
        let mut later = std::mem::take(&mut self.later);
        later.put(sql, values);
        let (sql, values) = later.together();
        let rows = self.execute(AssertSqlSafe(sql), values).await?;
        if let (Some(log), Some(at)) = (&mut self.recording, at)
            && let Some(statement) = log.get_mut(at)
        {
            statement.rows = rows;
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::args;

    #[test]
    fn parts_travel_as_one_statement_and_keep_their_values() {
        let mut later = Later::nothing();
        later.put("INSERT INTO a (x, y) VALUES ($1, $2)".into(), args!["one", 2]);
        later.put("INSERT INTO b (x) SELECT $1 WHERE $2 = $1".into(), args!["three", "four"]);
        later.put("INSERT INTO c (x) VALUES ($1) ON CONFLICT DO NOTHING".into(), args![5]);
        let (sql, values) = later.together();
        assert_eq!(
            sql,
            "WITH part0 AS (INSERT INTO a (x, y) VALUES ($1, $2)), part1 AS (INSERT INTO b (x) SELECT $3 WHERE $4 = $3) \
             INSERT INTO c (x) VALUES ($5) ON CONFLICT DO NOTHING"
        );
        assert_eq!(values, args!["one", 2, "three", "four", 5]);
    }

    #[test]
    fn what_travels_alone_is_left_as_it_is() {
        let mut later = Later::nothing();
        later.put("INSERT INTO a (x) VALUES ($1), ($2)".into(), args![1, 2]);
        assert_eq!(later.together().0, "INSERT INTO a (x) VALUES ($1), ($2)");
    }
}
