//! The certificates of sites: which are wanted, and how whoever shows them finds what is new.

use std::collections::HashMap;

use model::certificate::Certificate;
use model::clock::Time;
use model::id::{DomainId, OrderId};
use model::named::Named as _;
use model::secret::Secret;
use model::world::{Environment, Scope};
use secrecy::SecretString;
use sqlx::AssertSqlSafe;

use crate::column::{Column as _, Json};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::{Halt, StoreError};
use crate::marks;
use crate::record::{LIST, push_places};
use crate::row::Row;
use crate::seal::{Place, Vault};
use crate::sites::is_site;
use crate::zones::Served;

pub(super) const TABLE: &str = "acme_certificates";
/// The columns of how a certificate stands, as [`read`] takes them.
pub(super) const STANDS: &str = "host, names, begins_at, ends_at, due_at, failures, without_www, trouble";
/// How many are read at once: each is a few thousand bytes.
const PAGE: i64 = 500;

/// A certificate that was made, as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The site, by its host.
    pub host: String,
    /// The certificate and those that lead to the authority's root, in PEM.
    pub chain: String,
    /// Its key, in PEM; `None` where it was sealed with another master key.
    pub key: Option<SecretString>,
}

/// Certificates that are new.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// Up to where these are all of them.
    pub mark: i64,
    /// They.
    pub kept: Vec<Kept>,
    /// Whether there are more, to be asked for from `mark` on.
    pub has_more: bool,
}

/// A certificate that cannot be had for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// How it stands.
    pub certificate: Certificate,
    /// The authority.
    pub directory: String,
    /// Of whose sites it is.
    pub environment: Environment,
}

pub(super) fn read(cells: &mut Cells<'_>) -> Result<Certificate, StoreError> {
    Ok(Certificate {
        host: cells.text()?,
        names: Json::take(cells)?,
        begins_at: cells.time_or_null()?,
        ends_at: cells.time_or_null()?,
        due_at: cells.time_or_null()?,
        failures: u32::try_from(cells.int()?).unwrap_or(u32::MAX),
        without_www: cells.flag()?,
        trouble: cells.text_or_null()?,
    })
}

/// What stands in these columns, but the host.
pub(super) fn values(certificate: &Certificate) -> Vec<Value> {
    args![
        Json::encode(&certificate.names),
        certificate.begins_at,
        certificate.ends_at,
        certificate.due_at,
        i64::from(certificate.failures),
        certificate.without_www,
        certificate.trouble.clone(),
    ]
}

/// Of some hosts, the sites that have no certificate to come and whose records are published: before that no authority finds them.
pub async fn missing(
    db: &mut Db,
    directory: &str,
    which: &Served,
    hosts: &[String],
) -> Result<Vec<String>, StoreError> {
    let mut missing = vec![];
    for some in hosts.chunks(LIST) {
        let mut list = String::new();
        push_places(&mut list, 2, some.len() + 1);
        let (is_site, more) = is_site(which, some.len() + 1);
        let sql = format!(
            "SELECT DISTINCT name FROM zones WHERE name IN ({list}) AND published_serial = serial AND {is_site}
            AND NOT EXISTS (SELECT 1 FROM acme_certificates c
                WHERE c.host = zones.name AND c.directory = $1 AND c.due_at IS NOT NULL)"
        );
        let mut values = args![directory];
        values.extend(some.iter().map(|host| Value::from(host.as_str())).chain(more));
        let rows = db.all(AssertSqlSafe(sql), values).await?;
        for row in &rows {
            missing.push(Cells::new("zones", row).text()?);
        }
    }
    Ok(missing)
}

/// Has certificates of these hosts, a hundred at most, ordered from now on, unless they are already.
///
/// # Errors
/// The database's.
pub async fn want(
    tx: &mut Tx,
    (directory, environment): (&str, Environment),
    hosts: &[String],
    now: Time,
) -> Result<(), Halt> {
    let columns = 10;
    let mut sql = format!("INSERT INTO acme_certificates ({STANDS}, directory, environment) VALUES ");
    let mut all = vec![];
    for (n, host) in hosts.iter().enumerate() {
        sql.push_str(if n == 0 { "(" } else { ", (" });
        push_places(&mut sql, n * columns + 1, (n + 1) * columns);
        sql.push(')');
        all.push(Value::from(host.as_str()));
        all.extend(values(&Certificate::wanted(host.as_str(), now)));
        all.extend(args![directory, environment.name()]);
    }
    sql.push_str(
        " ON CONFLICT (host, directory) DO UPDATE SET due_at = excluded.due_at WHERE acme_certificates.due_at IS NULL",
    );
    if !hosts.is_empty() {
        tx.run(AssertSqlSafe(sql), all).await?;
    }
    Ok(())
}

/// The certificates of an authority after a host, in their order, so many at most; none where there are no more. What is new since
/// the mark is for [`changed`].
pub async fn all(db: &mut Db, directory: &str, after: &str) -> Result<Changed, StoreError> {
    let mark = marks::bound(db, TABLE).await?;
    let sql = "SELECT host, chain, private_key, mark FROM acme_certificates
        WHERE directory = $1 AND host > $2 AND chain IS NOT NULL ORDER BY host LIMIT $3";
    let rows = db.all(sql, args![directory, after, PAGE]).await?;
    let has_more = rows.len() as i64 == PAGE;
    Ok(Changed { mark, kept: kept(&db.vault(), directory, &rows)?.0, has_more })
}

/// The certificates of an authority that were made since a mark, in the order in which they were, so many at most.
pub async fn changed(db: &mut Db, directory: &str, since: i64) -> Result<Changed, StoreError> {
    let mark = marks::bound(db, TABLE).await?;
    let sql = "SELECT host, chain, private_key, mark FROM acme_certificates
        WHERE mark > $1 AND mark <= $2 AND directory = $3 AND chain IS NOT NULL ORDER BY mark LIMIT $4";
    let rows = db.all(sql, args![since, mark, directory, PAGE]).await?;
    let (kept, last) = kept(&db.vault(), directory, &rows)?;
    let has_more = rows.len() as i64 == PAGE;
    Ok(Changed { mark: if has_more { last } else { mark }, kept, has_more })
}

fn kept(vault: &Vault, directory: &str, rows: &[Row]) -> Result<(Vec<Kept>, i64), StoreError> {
    let (mut all, mut last) = (vec![], 0);
    for row in rows {
        let mut cells = Cells::new(TABLE, row);
        let (host, chain, sealed) = (cells.text()?, cells.text()?, cells.text()?);
        last = cells.int()?;
        let row = row_of(directory, &host);
        all.push(Kept { host, chain, key: vault.open_secret(&Secret::Sealed(sealed), place(&row)).ok() });
    }
    Ok((all, last))
}

pub(super) fn place(row: &str) -> Place<'_> {
    Place { column: "acme_certificates.private_key", row }
}

pub(super) fn row_of(directory: &str, host: &str) -> String {
    format!("{host} {directory}")
}

/// Of an order's domains with web addresses that lead somewhere, why there is no certificate, or none for all names, where there is
/// something to say. Of several authorities the one counts that is asked next, for the others were asked in former times.
pub async fn troubles_of_order(
    db: &mut Db,
    scope: &Scope,
    order: &OrderId,
) -> Result<HashMap<DomainId, String>, StoreError> {
    let sql = "SELECT d.id, c.trouble FROM domains d
        JOIN zones z ON z.domain_id = d.id AND z.removed_at IS NULL AND z.redirects_to IS NOT NULL
        JOIN acme_certificates c ON c.host = z.name AND c.environment = $2
        WHERE d.order_id = $1 ORDER BY c.due_at";
    let rows = db.all(sql, args![order, scope.world.environment().name()]).await?;
    let mut troubles = HashMap::new();
    for row in &rows {
        let mut cells = Cells::new(TABLE, row);
        let (domain, trouble) = (cells.id()?, cells.text_or_null()?);
        troubles.remove(&domain);
        troubles.extend(trouble.map(|trouble| (domain, trouble)));
    }
    Ok(troubles)
}

/// Those that could not be had so many times in a row or more often and are tried again after a time, in the order of their hosts, so
/// many at most.
pub async fn failing(db: &mut Db, failures: u32, after: Time, limit: i64) -> Result<Vec<Failing>, StoreError> {
    let sql = format!(
        "SELECT {STANDS}, directory, environment FROM acme_certificates
        WHERE failures > 0 AND failures >= $1 AND due_at > $2 ORDER BY host LIMIT $3"
    );
    let rows = db.all(AssertSqlSafe(sql), args![i64::from(failures), after, limit]).await?;
    let one = |row| {
        let mut cells = Cells::new(TABLE, row);
        let (certificate, directory) = (read(&mut cells)?, cells.text()?);
        Ok(Failing { certificate, directory, environment: cells.named(Environment::named)? })
    };
    rows.iter().map(one).collect()
}
