//! Pages of a list, newest first, by key and never by offset.

use std::fmt::Write as _;

use model::clock::Time;
use model::world::Scope;

use crate::db::{Db, Value};
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

const PARTNER_AND_WORLD: &str = "partner = $1 AND world = $2";

impl Page {
    /// The newest rows of a scope that have these values, below the page's mark.
    pub(crate) async fn find<R: Record>(
        &self,
        db: &mut Db,
        scope: &Scope,
        equal: &[(&str, Option<String>)],
    ) -> Result<Vec<R>, StoreError> {
        self.find_between(db, scope, equal, &[]).await
    }

    /// The same among the rows whose flag is so.
    pub(crate) async fn find_flagged<R: Record>(
        &self,
        db: &mut Db,
        scope: &Scope,
        flag: (&str, bool),
        equal: &[(&str, Option<String>)],
    ) -> Result<Vec<R>, StoreError> {
        let number = i64::from(flag.1);
        let condition = format!("{} = {number} AND {}", flag.0, PARTNER_AND_WORLD);
        self.find_where(db, condition, scope, equal, &[]).await
    }

    /// The same, with times that a column is held against: `("created_at >=", …)`.
    pub(crate) async fn find_between<R: Record>(
        &self,
        db: &mut Db,
        scope: &Scope,
        equal: &[(&str, Option<String>)],
        between: &[(&str, Option<Time>)],
    ) -> Result<Vec<R>, StoreError> {
        self.find_where(db, PARTNER_AND_WORLD.to_owned(), scope, equal, between).await
    }

    async fn find_where<R: Record>(
        &self,
        db: &mut Db,
        condition: String,
        scope: &Scope,
        equal: &[(&str, Option<String>)],
        between: &[(&str, Option<Time>)],
    ) -> Result<Vec<R>, StoreError> {
        let mut rest = format!("WHERE {condition}");
        let mut values = vec![Value::from(&scope.partner), Value::from(scope.world.as_str())];
        for (column, value) in equal.iter().filter_map(|(column, value)| Some((column, value.as_deref()?))) {
            values.push(Value::from(value));
            let _ = write!(rest, " AND {column} = ${}", values.len());
        }
        for (held_against, time) in between.iter().filter_map(|(text, time)| Some((text, (*time)?))) {
            values.push(Value::from(time));
            let _ = write!(rest, " AND {held_against} ${}", values.len());
        }
        if let Some(below) = &self.below {
            values.push(Value::from(below.as_str()));
            let _ = write!(rest, " AND id < ${}", values.len());
        }
        values.push(Value::from(self.limit));
        let _ = write!(rest, " ORDER BY id DESC LIMIT ${}", values.len());
        db.find_all(&rest, values).await
    }
}
