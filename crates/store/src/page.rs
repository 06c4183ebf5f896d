//! Pages of a list, newest first, by key and never by offset.

use std::fmt::Write as _;

use model::clock::Time;
use model::world::Scope;

use crate::db::{Db, Value};
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::record::Record;

/// Which part of a list to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only rows whose id is below this one.
    pub below: Option<String>,
    /// How many rows at most.
    pub limit: i64,
}

impl Page {
    /// The newest rows of a scope that have these values, below the page's mark. The first value that is
    /// given leads: see [`Narrowed::equal`].
    pub(crate) async fn find<R: Record>(
        &self,
        db: &mut Db,
        scope: &Scope,
        equal: &[(&str, Option<String>)],
    ) -> Result<Vec<R>, StoreError> {
        let all = Narrowed::to(db, scope);
        let narrowed = equal.iter().fold(all, |rows, (column, value)| rows.equal(column, value.clone()));
        self.rows(db, narrowed).await
    }

    /// The newest rows of a list, below the page's mark.
    pub(crate) async fn rows<R: Record>(&self, db: &mut Db, narrowed: Narrowed) -> Result<Vec<R>, StoreError> {
        let (rest, values) = narrowed.finish(self);
        db.find_all(&rest, values).await
    }

    /// The newest rows of several lists together. Each is read for itself, because no index has all in one order.
    pub(crate) async fn rows_of_each<R: Record>(
        &self,
        db: &mut Db,
        lists: Vec<Narrowed>,
        id: impl Fn(&R) -> &str,
    ) -> Result<Vec<R>, StoreError> {
        let mut rows = vec![];
        for narrowed in lists {
            rows.extend(self.rows(db, narrowed).await?);
        }
        rows.sort_by(|one, other| id(other).cmp(id(one)));
        rows.truncate(usize::try_from(self.limit).unwrap_or(0));
        Ok(rows)
    }
}

/// What the rows of a list must have, written so that one index answers it in the list's order.
pub(crate) struct Narrowed {
    backend: Backend,
    sql: String,
    values: Vec<Value>,
    led: bool,
    from: Option<String>,
    to: Option<String>,
}

impl Narrowed {
    /// Every row of a scope.
    pub(crate) fn to(db: &Db, scope: &Scope) -> Self {
        Self {
            backend: db.backend(),
            sql: format!("WHERE {} AND world = $2", db.backend().of_partner()),
            values: vec![Value::from(&scope.partner), Value::from(scope.world.as_str())],
            led: false,
            from: None,
            to: None,
        }
    }

    /// Only rows with this value, when there is one. The first column leads: its index
    /// `(partner, world, column, id)` is the one to use, so the column that leaves the fewest rows comes
    /// first. SQLite keeps no statistics by which it could choose for itself.
    pub(crate) fn equal(self, column: &str, value: Option<impl Into<Value>>) -> Self {
        let Some(value) = value else { return self };
        let column = if self.led { self.backend.passed_over(column) } else { column.to_owned() };
        let held = self.held(&format!("{column} ="), value.into());
        Self { led: true, ..held }
    }

    /// Only rows for which this holds as it stands: the predicate of a partial index.
    pub(crate) fn fixed(mut self, predicate: &str) -> Self {
        let _ = write!(self.sql, " AND {predicate}");
        self
    }

    /// Only rows whose time in this column is at or after `from` and before `to`. Both are written so that no index
    /// is chosen by them, and unlike each other, because PostgreSQL takes two alike for a range that is next to empty.
    pub(crate) fn between(self, column: &str, from: Option<Time>, to: Option<Time>) -> Self {
        let narrowed = match from {
            Some(from) => self.held(&format!("+{column} >="), from.into()),
            None => self,
        };
        match to {
            Some(to) => narrowed.held(&format!("{column} + 0 <"), to.into()),
            None => narrowed,
        }
    }

    /// Only rows whose id is at or above `from` and below `to`.
    pub(crate) fn ids(self, from: Option<String>, to: Option<String>) -> Self {
        Self { from, to, ..self }
    }

    fn held(mut self, against: &str, value: Value) -> Self {
        self.values.push(value);
        let _ = write!(self.sql, " AND {against} ${}", self.values.len());
        self
    }

    fn bounded(mut self, against: &str, id: String) -> Self {
        self.values.push(id.into());
        let bound = self.backend.unseen(self.values.len());
        let _ = write!(self.sql, " AND {against} {bound}");
        self
    }

    fn finish(self, page: &Page) -> (String, Vec<Value>) {
        let from = self.from.clone();
        // One bound, not two: a database takes either of two for its index, and passes over what is between.
        let to = self.to.iter().chain(&page.below).min().cloned();
        // Two that it cannot weigh, PostgreSQL takes for a range that is next to empty.
        let alone = from.is_some() && to.is_none();
        let bounded = [("id >=", from), ("id <", to)].into_iter().fold(self, |rows, (against, id)| match id {
            Some(id) if alone => rows.bounded(against, id),
            Some(id) => rows.held(against, id.into()),
            None => rows,
        });
        let mut values = bounded.values;
        values.push(Value::from(page.limit));
        (format!("{} {} LIMIT ${}", bounded.sql, bounded.backend.newest_first(), values.len()), values)
    }
}
