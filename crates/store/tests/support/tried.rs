//! Writes rows of a table, changes them, and sees that they come back.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;

use model::change::{Change, Rows};
use sqlx::{AssertSqlSafe, Row as _};
use store::{Db, StoreError, TABLES, Table};

use super::bench::Bench;
use super::fill::Fill;

/// The tables that were tried so far.
pub(crate) struct Tried<'a> {
    bench: &'a Bench,
    names: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Tried<'a> {
    pub(crate) fn on(bench: &'a Bench) -> Self {
        Self { bench, names: RefCell::default() }
    }

    pub(crate) fn names(&self) -> BTreeSet<&'static str> {
        self.names.borrow().clone()
    }

    /// Two rows are written in one statement, one is changed alone, and both in one.
    pub(crate) async fn changes<R: Clone + Debug + PartialEq>(
        &self,
        name: &'static str,
        row: fn(&Fill) -> R,
        rows: fn(&mut Change) -> &mut Rows<R>,
        read: impl AsyncFn(&mut Db, R) -> Result<Option<R>, StoreError>,
    ) {
        self.stays(name, row, |change, new| rows(change).insert = new, &read).await;
        let mut before = self.raw(name, "a").await;
        for (turn, versions) in [(1, vec![("a", 7)]), (2, vec![("a", 8), ("b", 7)])] {
            let mut change = Change::default();
            rows(&mut change).update =
                versions.iter().map(|(id, version)| row(&Fill::of(id, turn, *version))).collect();
            self.bench.write(change).await.expect("the rows are changed");
            for (id, version) in versions {
                self.is_read(row(&Fill::of(id, turn, version + 1)), &read).await;
            }
            let after = self.raw(name, "a").await;
            for (n, column) in table(name).columns.iter().enumerate() {
                let stays = n < table(name).fixed;
                assert_eq!(before[n] == after[n], stays, "{name}.{column}: {:?} {:?}", before[n], after[n]);
            }
            before = after;
        }
    }

    /// Two rows are written in one statement.
    pub(crate) async fn stays<R: Clone + Debug + PartialEq>(
        &self,
        name: &'static str,
        row: fn(&Fill) -> R,
        put: impl Fn(&mut Change, Vec<R>),
        read: impl AsyncFn(&mut Db, R) -> Result<Option<R>, StoreError>,
    ) {
        let new = ["a", "b"].map(|id| row(&Fill::of(id, 0, 7)));
        let mut change = Change::default();
        put(&mut change, new.to_vec());
        self.bench.write(change).await.expect("the rows are written");
        for row in new {
            self.is_read(row, &read).await;
        }
        self.is_full(name).await;
        self.names.borrow_mut().insert(name);
    }

    async fn is_read<R: Clone + Debug + PartialEq>(
        &self,
        row: R,
        read: impl AsyncFn(&mut Db, R) -> Result<Option<R>, StoreError>,
    ) {
        let mut db = self.bench.store.read().await.unwrap();
        assert_eq!(read(&mut db, row.clone()).await.unwrap(), Some(row));
    }

    /// No column of the first row is empty, and no two hold the same, but for flags.
    async fn is_full(&self, name: &str) {
        let values = self.raw(name, "a").await;
        let mut others = BTreeSet::new();
        for (column, value) in table(name).columns.iter().zip(values) {
            let value = value.unwrap_or_else(|| panic!("{name}.{column} is NULL"));
            assert!(!value.is_empty() || (name, *column) == ("quotes", "data"), "{name}.{column} is empty");
            assert!(value == "0" || value == "1" || others.insert(value.clone()), "{name}.{column} is {value} too");
        }
    }

    /// The columns of a row as text.
    async fn raw(&self, name: &str, row: &str) -> Vec<Option<String>> {
        let columns: Vec<_> = table(name).columns.iter().map(|column| format!("CAST({column} AS TEXT)")).collect();
        let sql = AssertSqlSafe(format!("SELECT {} FROM {name}", columns.join(", ")));
        let rows = sqlx::query(sql).fetch_all(&self.bench.pool().await).await.unwrap();
        let mark = Fill::mark(row);
        let texts = rows.iter().map(|row| (0..columns.len()).map(|n| row.get(n)).collect::<Vec<Option<String>>>());
        let is_marked = |texts: &Vec<Option<String>>| texts.iter().flatten().any(|text| text.contains(&mark));
        texts.into_iter().find(is_marked).expect("the row is there")
    }
}

fn table(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).expect("a table that is declared")
}
