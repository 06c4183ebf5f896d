//! Every statement that a test has the store send is explained by the database when the test has ended: at a million
//! rows, too, it must find its rows by an index that leaves few of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sqlx::{AnyPool, AssertSqlSafe};
use store::{Backend, Noted, Statement, Value, Witness};
use tempfile::TempDir;

/// What was heard on one database, each text once.
#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) url: String,
    pub(crate) backend: Backend,
    pub(crate) statements: Statements,
    /// Keeps the database.
    pub(crate) _folder: Arc<TempDir>,
}

/// Statements by their texts.
#[derive(Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<BTreeMap<String, Statement>>>);

impl Statements {
    pub(crate) fn witness(&self) -> Witness {
        let heard = self.0.clone();
        Witness::new(move |noted: Noted| {
            let mut heard = heard.lock().expect("nobody panics here");
            noted.statements.into_iter().for_each(|one| _ = heard.entry(one.sql.clone()).or_insert(one));
        })
    }
}

/// Tables that are read whole: they have a row for each partner, or fewer.
const SMALL: &[&str] = &["partners", "p", "meta", "api_keys", "acme_accounts", "_sqlx_migrations"];

/// Columns that leave few rows, however many a partner has.
const NARROW: &[&str] = &[
    "id",
    "order_id",
    "domain_id",
    "event_id",
    "import_id",
    "inbox_id",
    "subject",
    "name",
    "host",
    "email",
    "email_folded",
    "hash",
    "reference",
    "key",
    "fingerprint",
    "job",
    "lease",
    "rowid",
];

/// What finds more than a few rows on purpose, and is bounded otherwise.
const ON_PURPOSE: &[(&str, &str)] = &[
    ("FROM endpoints WHERE partner", "sixteen are the most"),
    ("FROM endpoints WHERE active", "for the operator, when he asks: a few for each partner"),
    ("created_at >= $3 AND", "the lines of one month, which an index holds whole"),
    ("AND kind = 'premium' AND created_at", "the swaps of thirty days"),
    ("COUNT(*) AS BIGINT) FROM domains WHERE partner", "the quota counts the active domains in an index"),
    ("WITH RECURSIVE", "it hops through its index"),
    ("COUNT(*) AS BIGINT) FROM tasks", "for tests and the operator"),
    ("MIN(due_at) FROM tasks WHERE lane", "for tests"),
    ("FROM (SELECT reason FROM actions WHERE open = 1 LIMIT", "an index of the open ones, and at most ten thousand"),
    ("pragma_page_count", "no table"),
    ("FROM sqlite_master", "it has a row for each table"),
    ("COALESCE(MAX(position), 0) + 1 FROM audit", "the end of an index"),
    ("FROM audit_seals ORDER BY number DESC LIMIT 1", "the end of its key"),
    ("FROM audit  ORDER BY id DESC LIMIT", "the end of its key"),
    ("SELECT MAX(id) FROM", "one look at the end of the key"),
    ("FROM notices WHERE closed_at IS NULL", "an index of the open ones, of which there is a bounded number"),
    ("FROM notices  ORDER BY id DESC LIMIT", "the end of its key"),
    ("FROM notices WHERE id <", "the end of its key, from a place on"),
    ("FROM notices WHERE closed_at IS NOT NULL ORDER BY id DESC", "those of ninety days, for the operator"),
    ("FROM notices WHERE closed_at IS NOT NULL AND closed_at >= $1", "those that were closed in the last seconds"),
    ("COALESCE(disabled_reason", "an index of those that are off"),
    ("FROM notice_messages WHERE attempts > 0", "the end of an index"),
    ("FROM intents WHERE state = 'open' AND opened_at", "an index of the open ones"),
    ("FROM intents WHERE (intents.world", "for the operator, the newest: from the end of its key"),
    ("WHERE world = 'live' AND opened_at >= $1 AND state <>", "the sums of a day or month of real money, in one index"),
    ("FROM intents WHERE world = 'live' AND state <>", "for the operator's reconcile: everything that was bought"),
    ("CAST(SUM(COALESCE(paid_cents, most_cents)) AS BIGINT) FROM intents", "for the operator's costs"),
    ("CAST(SUM(amount_cents) AS BIGINT) FROM ledger WHERE world", "for the operator's costs"),
    ("FROM ledger AS line", "for the operator's costs, whose purchases an index finds"),
    (
        "SELECT p.test_epoch FROM partners p WHERE p.id = domains.partner",
        "at a start: the domains of an account that is in doubt",
    ),
    ("kind = 'seat' AND state = 'bought' AND opened_at <", "the sums of the seats of real money, in one index"),
    ("CASE WHEN user_id = $1 THEN 1 ELSE 0 END) AS BIGINT)", "an index of the domains in mail tenants, and it alone"),
    (
        "CASE WHEN made > taken",
        "the domains of one mail tenant in that index, outside of writes and once in some minutes",
    ),
    ("_account, COUNT(*) FROM domains WHERE", "an index of the domains that have an account, and it alone"),
    (
        "FROM domains WHERE world = $1 AND status <> 'failed' AND status <> 'released' ORDER BY name",
        "for the operator's reconcile",
    ),
    ("FROM pauses WHERE lifted_at IS NULL", "an index of those in force, as few as there are accounts"),
    ("FROM zones WHERE removed_at IS NULL", "all that a name server serves, when it starts"),
    ("FROM zones WHERE mark >", "those that have changed since the last look"),
    ("COUNT(*) FROM acme_certificates WHERE directory = $1 AND held_until", "as few as are ordered at once"),
    ("WHERE failures > 0 AND failures >=", "an index of those that fail, and a hundred of them"),
    ("DELETE FROM acme_answers WHERE until <=", "an index of those whose time is over"),
    ("COALESCE(MAX(mark), 0)", "the end of an index"),
    ("mendings", "an hour or two of each world"),
    ("COUNT(*) FROM zones WHERE partner", "when the first domain of an hour is put right, and when no more may be"),
    ("FROM inboxes WHERE status = 'suspended'", "an index of those that cannot be used, and a hundred domains of it"),
    ("FROM runs WHERE parked = 1", "an index of those that are parked, and a hundred of them"),
    ("due_at <= $3 AND lease IS NOT NULL", "at a start: an index of what is due within minutes"),
];

impl Heard {
    /// Fails the test with every statement that would be slow.
    pub(crate) async fn explain(self) {
        let heard = std::mem::take(&mut *self.statements.0.lock().expect("nobody panics here"));
        let pool = AnyPool::connect(&self.url).await.expect("the database can be reached");
        let mut conn = pool.acquire().await.expect("a connection");
        if self.backend == Backend::Postgres {
            // So few rows are read whole otherwise. What is read whole now has no index.
            sqlx::query("SET enable_seqscan = off").execute(&mut *conn).await.expect("it is set");
        }
        let mut faults = vec![];
        for statement in heard.values().filter(|statement| !statement.sql.starts_with("SELECT CAST(pg_advisory")) {
            let plan = plan_of(&mut conn, self.backend, statement).await;
            if !self.is_good(&statement.sql, &plan) {
                faults.push(format!("{}\n{}", statement.sql, plan.join("\n")));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    }

    fn is_good(&self, sql: &str, plan: &[String]) -> bool {
        let on_purpose = ON_PURPOSE.iter().any(|(text, _)| sql.contains(text));
        match self.backend {
            _ if on_purpose => true,
            Backend::Postgres => plan.iter().all(|line| !reads_whole(line, "Seq Scan on ")),
            Backend::Sqlite => {
                let bounded = sql.contains("LIMIT");
                let narrow = |line: &String| !line.contains("SEARCH") || bounded || is_small(line) || is_narrow(line);
                plan.iter().all(|line| !reads_whole(line, "SCAN ") && narrow(line))
            }
        }
    }
}

/// Whether a line of a plan reads a whole table that may be large.
fn reads_whole(line: &str, verb: &str) -> bool {
    let Some((_, rest)) = line.split_once(verb) else { return false };
    let table = rest.split([' ', '(']).next().unwrap_or_default();
    let is_constant = rest.contains("CONSTANT ROW") || rest.contains("VALUES CLAUSE");
    // What a statement has made itself is as large as it has made it.
    let own = ["new", "due", "gone", "behind", "shares", "oldest", "o", "e", "few", "feeds", "ends"];
    !is_constant && !own.contains(&table) && !SMALL.contains(&table)
}

fn is_small(line: &str) -> bool {
    SMALL.iter().any(|table| line.contains(&format!("SEARCH {table} ")))
}

fn is_narrow(line: &str) -> bool {
    let conditions = line.rsplit('(').next().unwrap_or_default();
    let mut columns = conditions.split(" AND ").filter_map(|one| one.split(['=', '>', '<']).next());
    columns.any(|column| NARROW.contains(&column.trim()))
}

async fn plan_of(conn: &mut sqlx::AnyConnection, backend: Backend, statement: &Statement) -> Vec<String> {
    let (verb, column) = match backend {
        Backend::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        Backend::Postgres => ("EXPLAIN", 0),
    };
    let mut query = sqlx::query(AssertSqlSafe(format!("{verb} {}", statement.sql))).persistent(false);
    for value in statement.values.clone() {
        query = match value {
            Value::Text(text) => query.bind(text),
            Value::Int(number) => query.bind(number),
        };
    }
    let rows = query.fetch_all(conn).await.unwrap_or_else(|error| panic!("{}: {error}", statement.sql));
    rows.iter().map(|row| sqlx::Row::get(row, column)).collect()
}
