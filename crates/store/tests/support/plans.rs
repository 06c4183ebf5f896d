//! Asks a database how it would go about the statements of a list.

use model::world::Scope;
use store::{Backend, Db, Page, Statement, StoreError};

use super::bench::Bench;

/// The lists that were looked at, and what is wrong with them.
pub(crate) struct Plans<'a> {
    bench: &'a Bench,
    faults: Vec<String>,
}

impl<'a> Plans<'a> {
    pub(crate) const fn of(bench: &'a Bench) -> Self {
        Self { bench, faults: vec![] }
    }

    /// Looks at a list's first page and at a later one: no statement may read a whole table, none may sort, and
    /// the rows must be found by an index that begins with the column that leads (none when it is empty).
    pub(crate) async fn check<T>(
        &mut self,
        list: &str,
        leads: &str,
        read: impl AsyncFn(&mut Db, &Scope, &Page) -> Result<Vec<T>, StoreError>,
    ) {
        self.look(list, leads, false, read).await;
    }

    /// The same for a filter that leaves few rows at most, such as those on one domain: PostgreSQL may sort them.
    pub(crate) async fn check_few<T>(
        &mut self,
        list: &str,
        leads: &str,
        read: impl AsyncFn(&mut Db, &Scope, &Page) -> Result<Vec<T>, StoreError>,
    ) {
        self.look(list, leads, true, read).await;
    }

    async fn look<T>(
        &mut self,
        list: &str,
        leads: &str,
        few: bool,
        read: impl AsyncFn(&mut Db, &Scope, &Page) -> Result<Vec<T>, StoreError>,
    ) {
        let mut db = self.bench.store.read().await.expect("the store can be read");
        for below in [None, Some("zzz_7".to_owned())] {
            db.record_reads(true);
            read(&mut db, &self.bench.scope(), &Page { below, limit: 26 }).await.expect("the list can be read");
            let mut statements = db.record_reads(false);
            // Who is at work is in the server's memory, and no table of ours.
            statements.retain(|statement| !statement.sql.contains("pg_locks"));
            for (n, statement) in statements.iter().enumerate() {
                let plan = self.bench.explain(statement).await;
                let leads = if n + 1 == statements.len() { leads } else { "" };
                if !self.is_good(&plan, leads, few) {
                    self.faults.push(fault(list, leads, statement, &plan));
                }
            }
        }
    }

    fn is_good(&self, plan: &[String], leads: &str, few: bool) -> bool {
        let says = |text: &str| plan.iter().any(|line| line.contains(text));
        let scans = plan.iter().any(|line| line.contains("SCAN") && line != "SCAN e");
        match (self.bench.store.backend(), leads) {
            // `e` is what the statement has found so far.
            (Backend::Sqlite, _) if scans || says("TEMP B-TREE") => false,
            (Backend::Postgres, _) if says("Seq Scan") || (says("Sort") && !few) => false,
            (Backend::Sqlite, "id") => plan.iter().any(|line| line.contains("id>") || line.contains("id<")),
            (Backend::Postgres, "id") => says_in_condition(plan, "(id >=") || says_in_condition(plan, "(id <"),
            (Backend::Sqlite, "(position,id)") => says("(position,id)>(?,?)"),
            (Backend::Postgres, "(position,id)") => says_in_condition(plan, "(ROW(\"position\", id) > "),
            (Backend::Sqlite, "") => says("=?"),
            // One row by its own id is as good.
            (Backend::Postgres, "") => ["(partner = ", "(id = "].iter().any(|text| says_in_condition(plan, text)),
            (Backend::Sqlite, column) => says(&format!(" {column}=?")),
            (Backend::Postgres, column) => says_in_condition(plan, &format!("({column} = ")),
        }
    }

    /// Fails the test with everything that is wrong.
    pub(crate) fn finish(self) {
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n\n"));
    }
}

fn says_in_condition(plan: &[String], text: &str) -> bool {
    plan.iter().any(|line| line.contains("Index Cond") && line.contains(text))
}

fn fault(list: &str, leads: &str, statement: &Statement, plan: &[String]) -> String {
    format!("{list} by {leads:?}\n{}\n{:?}\n{}", statement.sql, statement.values, plan.join("\n"))
}
