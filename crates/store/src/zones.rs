//! The zones of ours as they should be.
//!
//! Whoever serves from these rows follows them by a mark that the database sets where a row is written. Where there is one
//! writer it counts up, and on PostgreSQL it is the number of the transaction (see `marks`). Numbers that begin anew, because the
//! database was restored elsewhere, hide nothing: each process reads all zones once, whatever their marks.

use std::collections::BTreeMap;

use model::clock::Time;
use model::dns::HostedZone;
use model::domain::DomainName;
use model::id::{DomainId, Id as _, ZoneId};
use model::world::{Environment, World};
use sqlx::AssertSqlSafe;

use crate::column::{Json, Key};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::{Halt, StoreError};
use crate::marks;
use crate::record::{LIST, push_places};
use crate::table::table;
use crate::trouble::of_today;

table! {
    HostedZone in "zones"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        domain_id from domain: Key,
        name: DomainName,
        created_at: Time,
    }
    changing {
        account: Option<String>,
        nameservers: Json,
        records: Json,
        redirects_to: Option<String>,
        redirect_account: Option<String>,
        serial: i64,
        published_serial: Option<i64>,
        removed_at: Option<Time>,
    }
}

/// Which zones are served from the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// The real ones that lie at these accounts, of which there is one or more.
    AtAccounts(Vec<String>),
    /// Those of the sandbox.
    Sandbox,
}

/// Zones that have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Up to where these are all changes.
    pub mark: i64,
    /// Zones that are served, a name each.
    pub zones: Vec<HostedZone>,
    /// Names of zones that are not served any more.
    pub removed: Vec<DomainName>,
}

/// A zone by id.
pub async fn load(db: &mut Db, id: &ZoneId) -> Result<Option<HostedZone>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// A domain's zone, unless it was given up.
pub async fn of_domain(db: &mut Db, domain: &DomainId) -> Result<Option<HostedZone>, StoreError> {
    db.find("WHERE domain_id = $1 AND removed_at IS NULL", args![domain]).await
}

/// The highest serial that a world has had of a name.
pub async fn last_serial(db: &mut Db, world: &World, name: &DomainName) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT serial FROM zones WHERE name = $1 AND world = $2 ORDER BY serial DESC LIMIT 1";
    let row = db.one(sql, args![name.as_str(), world.as_str()]).await?;
    row.map(|row| Cells::new("zones", &row).int()).transpose()
}

/// Every zone that is served, and the mark from which on changes are looked for.
pub async fn all(db: &mut Db, which: &Served) -> Result<Changed, StoreError> {
    let mark = marks::bound(db, "zones").await?;
    let (which, values) = which.condition(0);
    let zones = db.find_all(&format!("WHERE removed_at IS NULL AND {which}"), values).await?;
    Ok(Changed { mark, ..one_of_each(zones) })
}

/// What has changed since a mark.
pub async fn changed(db: &mut Db, which: &Served, since: i64) -> Result<Changed, StoreError> {
    let mark = marks::bound(db, "zones").await?;
    let sql = "SELECT name FROM zones WHERE mark > $1 AND mark <= $2";
    let rows = db.all(sql, args![since, mark]).await?;
    let names = rows.iter().map(|row| Cells::new("zones", row).text()).collect::<Result<Vec<_>, _>>()?;
    let mut zones = vec![];
    for some in names.chunks(LIST) {
        zones.extend(of_names(db, which, some).await?);
    }
    let mut changed = Changed { mark, ..one_of_each(zones) };
    // The world that it was in is gone, or it went to somebody else's servers.
    let is_told =
        |name: &DomainName| changed.removed.contains(name) || changed.zones.iter().any(|zone| zone.name == *name);
    let gone: Vec<_> = names.into_iter().map(DomainName::stored).filter(|name| !is_told(name)).collect();
    changed.removed.extend(gone);
    Ok(changed)
}

/// How many resets of sandboxes there have been in all: with each a world's zones are gone, unmarked.
pub async fn resets(db: &mut Db) -> Result<i64, StoreError> {
    let row = db.one("SELECT CAST(COALESCE(SUM(test_epoch), 0) AS BIGINT) FROM partners", vec![]).await?;
    row.map_or(Ok(0), |row| Cells::new("partners", &row).int())
}

/// All zones that names have or had.
async fn of_names(db: &mut Db, which: &Served, names: &[String]) -> Result<Vec<HostedZone>, StoreError> {
    let mut list = String::new();
    push_places(&mut list, 1, names.len());
    let (which, more) = which.condition(names.len());
    let mut values: Vec<_> = names.iter().map(|name| Value::from(name.as_str())).collect();
    values.extend(more);
    db.find_all(&format!("WHERE name IN ({list}) AND {which}"), values).await
}

/// One zone for each name, or that there is none: sandboxes know nothing of each other and may have the same names, of which
/// the newest is served. Its serial is the highest of all, so that it grows when another one takes its place.
fn one_of_each(zones: Vec<HostedZone>) -> Changed {
    let mut by_name: BTreeMap<String, Vec<HostedZone>> = BTreeMap::new();
    for zone in zones {
        by_name.entry(zone.name.as_str().to_owned()).or_default().push(zone);
    }
    let mut changed = Changed::default();
    for (name, zones) in by_name {
        let serial = zones.iter().map(|zone| zone.serial).max();
        let served = zones.into_iter().filter(|zone| zone.removed_at.is_none());
        match served.max_by(|one, other| one.id.as_str().cmp(other.id.as_str())) {
            Some(zone) => changed.zones.push(HostedZone { serial: serial.unwrap_or(zone.serial), ..zone }),
            None => changed.removed.push(DomainName::stored(name)),
        }
    }
    changed
}

impl Served {
    /// Whose keys see them.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        match self {
            Self::AtAccounts(_) => Environment::Live,
            Self::Sandbox => Environment::Test,
        }
    }

    /// What rows have to be, after so many other values.
    fn condition(&self, before: usize) -> (String, Vec<Value>) {
        match self {
            Self::AtAccounts(accounts) => {
                let mut list = String::new();
                push_places(&mut list, before + 1, before + accounts.len());
                let values = accounts.iter().map(|account| Value::from(account.as_str())).collect();
                (format!("world = 'live' AND account IN ({list})"), values)
            }
            Self::Sandbox => (format!("account IS NULL AND world <> 'live' AND {}", of_today("zones")), vec![]),
        }
    }
}

impl Tx {
    /// Says that zones have changed.
    pub(crate) async fn mark_zones(&mut self, zones: &[HostedZone]) -> Result<(), Halt> {
        for some in zones.chunks(LIST) {
            let mut list = String::new();
            push_places(&mut list, 1, some.len());
            let sql = format!("UPDATE zones SET mark = {} WHERE id IN ({list})", self.backend().mark("zones"));
            let values = some.iter().map(|zone| Value::from(&zone.id)).collect();
            self.run(AssertSqlSafe(sql), values).await?;
        }
        Ok(())
    }
}
