//! What does not get on and only the operator can mend, across partners.

use std::collections::HashMap;

use model::clock::Time;
use model::delivery::DisabledReason;
use model::domain::DomainName;
use model::id::{DomainId, EndpointId, PartnerId};
use model::run::Run;
use model::world::Environment;
use sqlx::AssertSqlSafe;

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::partners;
use crate::record::{LIST, push_places};
use crate::row::Row;

/// A run that does not get on, and the name that it is about.
#[derive(Clone, Debug)]
pub struct Stuck {
    /// The run.
    pub run: Run,
    /// Its domain's name.
    pub name: Option<DomainName>,
}

/// Whether a row of a table is of a world that no reset has erased.
pub(crate) fn of_today(table: &str) -> String {
    format!(
        "({table}.world = 'live' OR EXISTS (SELECT 1 FROM partners p WHERE p.id = {table}.partner
            AND {table}.world = 'test:' || p.id || ':' || CAST(p.test_epoch AS TEXT)))"
    )
}

/// The runs that wait for the operator, in the order of their ids, so many at most.
pub async fn parked(db: &mut Db, limit: i64) -> Result<Vec<Stuck>, StoreError> {
    let rest =
        format!("WHERE parked = 1 AND state IN ('open', 'asking') AND {} ORDER BY id LIMIT $1", of_today("runs"));
    let runs = db.find_all(&rest, vec![Value::from(limit)]).await?;
    named(db, runs).await
}

/// Those among so many runs, the longest overdue first, that wait for longer than usual at a server time; and whether
/// there may be more.
pub async fn overdue(db: &mut Db, now: Time, limit: i64) -> Result<(Vec<Stuck>, bool), StoreError> {
    let partners = partners::all(db).await?;
    // Sandboxes have clocks of their own: no partner time is later than that of the one which is ahead most.
    let ahead = partners.iter().map(|partner| partner.test_offset).max().unwrap_or(0);
    let rest = format!(
        "WHERE overdue_at IS NOT NULL AND overdue_at <= $1 AND state = 'open' AND {} ORDER BY overdue_at, id LIMIT $2",
        of_today("runs")
    );
    let mut runs: Vec<Run> = db.find_all(&rest, vec![now.plus(ahead).into(), limit.into()]).await?;
    let more = runs.len() as i64 == limit;
    let offsets: HashMap<_, _> = partners.iter().map(|partner| (&partner.id, partner)).collect();
    runs.retain(|run| {
        let offset = offsets.get(&run.partner).map_or(0, |partner| partner.offset(run.world.environment()));
        run.overdue_at().is_some_and(|at| at <= now.plus(offset))
    });
    Ok((named(db, runs).await?, more))
}

async fn named(db: &mut Db, runs: Vec<Run>) -> Result<Vec<Stuck>, StoreError> {
    let mut names: HashMap<DomainId, DomainName> = HashMap::new();
    for some in runs.chunks(LIST) {
        let mut sql = "SELECT id, name FROM domains WHERE id IN (".to_owned();
        push_places(&mut sql, 1, some.len());
        let values = some.iter().map(|run| Value::from(&run.domain)).collect();
        for row in db.all(AssertSqlSafe(sql + ")"), values).await? {
            let mut cells = Cells::new("domains", &row);
            names.insert(cells.id()?, DomainName::stored(cells.text()?));
        }
    }
    Ok(runs.into_iter().map(|run| Stuck { name: names.get(&run.domain).cloned(), run }).collect())
}

/// An endpoint that is switched off, though its partner did not want that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchedOff {
    /// Which.
    pub id: EndpointId,
    /// Whose.
    pub partner: PartnerId,
    /// In which environment.
    pub environment: Environment,
    /// Why.
    pub reason: DisabledReason,
}

/// Such endpoints, in the order of their ids, so many at most.
pub async fn switched_off(db: &mut Db, limit: i64) -> Result<Vec<SwitchedOff>, StoreError> {
    let sql = "SELECT id, partner, environment, COALESCE(disabled_reason, $2) FROM endpoints
        WHERE active = 0 AND (disabled_reason IS NULL OR disabled_reason <> $3) ORDER BY id LIMIT $1";
    let (failing, by_partner) = (DisabledReason::Failing.as_str(), DisabledReason::ByYou.as_str());
    let rows = db.all(sql, args![limit, failing, by_partner]).await?;
    let read = |row: &Row| {
        let mut cells = Cells::new("endpoints", row);
        let (id, partner) = (cells.id()?, cells.id()?);
        Ok(SwitchedOff {
            id,
            partner,
            environment: cells.named(Environment::parse)?,
            reason: cells.named(DisabledReason::parse)?,
        })
    };
    rows.iter().map(read).collect()
}

/// A domain of the real world some of whose mailboxes cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspended {
    /// The domain.
    pub domain: DomainId,
    /// Its name.
    pub name: DomainName,
    /// Whose it is.
    pub partner: PartnerId,
    /// How many of its mailboxes.
    pub inboxes: i64,
}

/// Such domains, in the order of their ids, so many at most.
pub async fn suspended(db: &mut Db, limit: i64) -> Result<Vec<Suspended>, StoreError> {
    let sql = "SELECT d.id, d.name, d.partner, s.many FROM
        (SELECT domain_id, COUNT(*) AS many FROM inboxes WHERE status = 'suspended' AND world = 'live'
            GROUP BY domain_id ORDER BY domain_id LIMIT $1) s
        JOIN domains d ON d.id = s.domain_id ORDER BY d.id";
    let rows = db.all(sql, args![limit]).await?;
    let read = |row: &Row| {
        let mut cells = Cells::new("domains", row);
        let (domain, name, partner) = (cells.id()?, DomainName::stored(cells.text()?), cells.id()?);
        Ok(Suspended { domain, name, partner, inboxes: cells.int()? })
    };
    rows.iter().map(read).collect()
}
