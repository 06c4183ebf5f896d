//! The sites that our own redirect server leads on: what the rows of zones say of their web addresses.
//!
//! They are followed by the marks of the zones' rows, as zones are (see `zones`).

use std::collections::BTreeMap;

use model::domain::DomainName;
use sqlx::AssertSqlSafe;

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::marks;
use crate::record::{LIST, push_places};
use crate::trouble::of_today;
use crate::zones::Served;

/// A web address that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Led {
    /// The name; `www` before it is meant too.
    pub name: DomainName,
    /// Where it leads.
    pub target: String,
}

/// Sites that have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Up to where these are all changes.
    pub mark: i64,
    /// Those that lead somewhere, a name each.
    pub sites: Vec<Led>,
    /// Names that lead nowhere any more, as far as we are asked.
    pub removed: Vec<DomainName>,
}

/// Every site, and the mark from which on changes are looked for.
pub async fn all(db: &mut Db, which: &Served) -> Result<Changed, StoreError> {
    let mark = marks::bound(db, "zones").await?;
    let (is_site, values) = is_site(which, 0);
    let sites = newest(db, &is_site, values).await?;
    Ok(Changed { mark, sites: sites.into_values().collect(), removed: vec![] })
}

/// What has changed since a mark.
pub async fn changed(db: &mut Db, which: &Served, since: i64) -> Result<Changed, StoreError> {
    let mark = marks::bound(db, "zones").await?;
    let rows = db.all("SELECT name FROM zones WHERE mark > $1 AND mark <= $2", args![since, mark]).await?;
    let mut names = rows.iter().map(|row| Cells::new("zones", row).text()).collect::<Result<Vec<_>, _>>()?;
    names.sort_unstable();
    names.dedup();
    let mut changed = Changed { mark, ..Changed::default() };
    for some in names.chunks(LIST) {
        let mut sites = named(db, which, some).await?;
        for name in some {
            match sites.remove(name) {
                Some(site) => changed.sites.push(site),
                None => changed.removed.push(DomainName::stored(name.as_str())),
            }
        }
    }
    Ok(changed)
}

/// Whether a name is a site.
pub async fn has(db: &mut Db, which: &Served, name: &str) -> Result<bool, StoreError> {
    let (is_site, more) = is_site(which, 1);
    let mut values = args![name];
    values.extend(more);
    let sql = format!("SELECT name FROM zones WHERE name = $1 AND {is_site} LIMIT 1");
    Ok(db.one(AssertSqlSafe(sql), values).await?.is_some())
}

/// Of some names, the sites.
async fn named(db: &mut Db, which: &Served, names: &[String]) -> Result<BTreeMap<String, Led>, StoreError> {
    let mut list = String::new();
    push_places(&mut list, 1, names.len());
    let (is_site, more) = is_site(which, names.len());
    let mut values: Vec<_> = names.iter().map(|name| Value::from(name.as_str())).collect();
    values.extend(more);
    newest(db, &format!("name IN ({list}) AND {is_site}"), values).await
}

/// One for each name: sandboxes know nothing of each other and may have the same names, of which the newest counts.
async fn newest(db: &mut Db, which: &str, values: Vec<Value>) -> Result<BTreeMap<String, Led>, StoreError> {
    let sql = format!("SELECT name, redirects_to, id FROM zones WHERE {which}");
    let mut sites: BTreeMap<String, (String, Led)> = BTreeMap::new();
    for row in &db.all(AssertSqlSafe(sql), values).await? {
        let mut cells = Cells::new("zones", row);
        let (name, target, id) = (cells.text()?, cells.text()?, cells.text()?);
        if sites.get(&name).is_none_or(|(newest, _)| *newest < id) {
            sites.insert(name.clone(), (id, Led { name: DomainName::stored(name), target }));
        }
    }
    Ok(sites.into_iter().map(|(name, (_, site))| (name, site)).collect())
}

/// What a zone's row has to be to say of a site that is ours to lead on, after so many other values.
pub(crate) fn is_site(which: &Served, before: usize) -> (String, Vec<Value>) {
    let leads = "removed_at IS NULL AND redirects_to IS NOT NULL";
    match which {
        Served::AtAccounts(accounts) => {
            let mut list = String::new();
            push_places(&mut list, before + 1, before + accounts.len());
            let values = accounts.iter().map(|account| Value::from(account.as_str())).collect();
            (format!("{leads} AND world = 'live' AND redirect_account IN ({list})"), values)
        }
        Served::Sandbox => {
            (format!("{leads} AND redirect_account IS NULL AND world <> 'live' AND {}", of_today("zones")), vec![])
        }
    }
}
