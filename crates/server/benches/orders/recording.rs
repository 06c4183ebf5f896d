//! The statements of one placing, as a pattern that makes those of any number of further orders.

use std::sync::Arc;

use anyhow::bail;
use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{Clock as _, Now, SystemClock};
use model::id::{Id as _, Ids};
use model::idempotency::{Handle, Said};
use model::order::{Placing, Rules, Submitted, place};
use model::partner::Partner;
use model::world::Environment;
use store::{Failure, Halt, Statement, Store, Tx, Value, orders};

use crate::database::Database;
use crate::order;

/// Stands for the ten digits that differ from order to order.
const HOLE: char = '\u{1}';

/// The stamp of the order that is recorded: a word that occurs nowhere else.
const RECORDED: u64 = 9_876_543_210;

/// Everything that one order writes.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) statements: Vec<Pattern>,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) sql: String,
    pub(crate) values: Vec<Cell>,
    rows: u64,
}

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// The same for every order.
    Same(Value),
    /// Text with a stamp between its pieces.
    Stamped(Vec<String>),
}

impl Recording {
    /// Records an order of so many domains.
    pub(crate) async fn make(database: Database, domains: usize) -> anyhow::Result<Self> {
        let place = database.place().await?;
        let (store, ids) = (place.open().await?, Ids::new(Arc::new(SystemClock)));
        let partner = partner(&store, &ids).await?;
        // The first order makes the customer; the second is like all that follow.
        record(&store, &ids, &partner, domains, 1).await?;
        let statements = record(&store, &ids, &partner, domains, RECORDED).await?;
        Ok(Self { statements: patterns(statements, &partner) })
    }

    /// How many rows it writes, in how many statements.
    pub(crate) fn size(&self) -> (u64, usize) {
        (self.statements.iter().map(|statement| statement.rows).sum(), self.statements.len())
    }
}

async fn partner(store: &Store, ids: &Ids) -> anyhow::Result<Partner> {
    let now = SystemClock.now();
    let partner = Partner::new(ids.next(), "Bench", now);
    let mut change = Change::default();
    change.partners.insert.push(partner.clone());
    let ids = ids.clone();
    let written = store.write(move |tx| {
        let (change, ids) = (change.clone(), ids.clone());
        async move { tx.apply(change, &ids, now).await }.boxed()
    });
    written.await?;
    Ok(partner)
}

async fn record(
    store: &Store,
    ids: &Ids,
    partner: &Partner,
    domains: usize,
    number: u64,
) -> anyhow::Result<Vec<Statement>> {
    let stamp = order::stamp(number);
    let hash = store.vault().keyed_hash("bench", stamp.as_bytes());
    let fingerprint = format!("{}{stamp}", &hash[stamp.len()..]);
    let asked = Arc::new(Asked {
        partner: partner.clone(),
        placing: order::placing(domains, &stamp),
        handle: Handle { key: format!("body:{fingerprint}"), also: None, fingerprint, earlier: None },
        ids: ids.clone(),
    });
    let written = store.write(move |tx| {
        let asked = asked.clone();
        async move { asked.record_in(tx).await }.boxed()
    });
    match written.await {
        Err(Failure::Refused(refusal)) => bail!("the order was refused: {}", refusal.first().message),
        other => Ok(other?),
    }
}

struct Asked {
    partner: Partner,
    placing: Placing,
    handle: Handle,
    ids: Ids,
}

impl Asked {
    async fn record_in(&self, tx: &mut Tx) -> Result<Vec<Statement>, Halt> {
        let scope = self.partner.scope(Environment::Test);
        let now = Now { server: SystemClock.now(), offset: 0 };
        let facts = orders::facts_for_placing(tx, &scope, &self.placing).await?;
        let answers = order::answers(&self.placing);
        let (placing, facts, answers) = (&self.placing, &facts, &answers[..]);
        let submitted = Submitted { scope: &scope, placing, facts, answers, rules: &Rules::default(), now };
        let placed = place(&submitted, &self.ids)?;
        tx.record(true);
        tx.apply(placed.change, &self.ids, now.server).await?;
        let kept = self.handle.remember(&scope, 200, &Said::Open(placed.answer), now.partner());
        tx.apply(kept, &self.ids, now.server).await?;
        Ok(tx.record(false))
    }
}

fn patterns(statements: Vec<Statement>, partner: &Partner) -> Vec<Pattern> {
    let user = statements.iter().find_map(customer);
    let texts = statements.iter().flat_map(|statement| &statement.values).filter_map(text);
    let mut own: Vec<_> = texts.filter(|text| is_id(text)).map(ToOwned::to_owned).collect();
    own.sort();
    own.dedup();
    own.retain(|id| id != partner.id.as_str() && Some(id) != user.as_ref());
    let marked: Vec<_> = own.iter().enumerate().map(|(n, id)| (id.as_str(), marked(id, n))).collect();
    let pattern = |statement: Statement| Pattern {
        values: statement.values.into_iter().map(|value| cell(value, &marked)).collect(),
        sql: statement.sql,
        rows: statement.rows,
    };
    statements.into_iter().map(pattern).collect()
}

/// The customer's id, which is not the order's own.
fn customer(statement: &Statement) -> Option<String> {
    statement.values.iter().filter_map(text).find(|text| is_id(text) && text.starts_with("usr_")).map(ToOwned::to_owned)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => text.as_deref(),
        Value::Int(_) => None,
    }
}

/// Three letters, an underscore and 26 characters.
fn is_id(text: &str) -> bool {
    text.len() == 30 && text.as_bytes()[3] == b'_' && text[4..].bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// An id of the same length that rises with the stamp: its time, its place in the order, the stamp.
fn marked(id: &str, place: usize) -> String {
    format!("{}{place:06}{HOLE}", &id[..14])
}

fn cell(value: Value, marked: &[(&str, String)]) -> Cell {
    let Value::Text(Some(text)) = value else { return Cell::Same(value) };
    let mut pattern = text.replace(&order::stamp(RECORDED), &HOLE.to_string());
    for (id, mark) in marked {
        pattern = pattern.replace(id, mark);
    }
    if pattern.contains(HOLE) {
        Cell::Stamped(pattern.split(HOLE).map(ToOwned::to_owned).collect())
    } else {
        Cell::Same(Value::Text(Some(text)))
    }
}
