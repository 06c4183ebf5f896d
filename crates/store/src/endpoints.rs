//! Webhook endpoints.

use model::clock::Time;
use model::delivery::{DisabledReason, Endpoint};
use model::id::{EndpointId, Id, PartnerId};
use model::secret::Secret;
use model::world::{Environment, Scope};
use secrecy::SecretString;
use sqlx::AssertSqlSafe;

use crate::column::{Json, Key, Name};
use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::page::Page;
use crate::partners;
use crate::record::{read_all, select};
use crate::seal::{Place, Vault};
use crate::table::table;

table! {
    Endpoint as (endpoint, vault) in "endpoints"
    fixed {
        id: Key,
        partner: Key,
        environment: Name,
        from_cli: bool,
        created_at: Time,
    }
    changing {
        url: String,
        events: Option<Json>,
        active: bool = endpoint.is_active(),
        disabled_reason: Option<String> = endpoint.disabled.map(|reason| reason.as_str().to_owned()),
        secret: String = vault.seal(&endpoint.secret, place(&endpoint.id)),
        old_secret: Option<String> = endpoint.old_secret.as_ref().map(|old| vault.seal(old, place(&endpoint.id))),
        old_secret_until: Option<Time>,
        failing_since: Option<Time>,
    }
    read {
        disabled: why_disabled(active, disabled_reason.as_deref()),
        secret: Secret::Sealed(secret),
        old_secret: old_secret.map(Secret::Sealed),
    }
}

/// A secret keeps its place when a rotation moves it from one column to the other.
fn place(id: &EndpointId) -> Place<'_> {
    Place { column: "endpoints.secret", row: id.as_str() }
}

/// A process of the version before this one writes no reason.
fn why_disabled(active: bool, reason: Option<&str>) -> Option<DisabledReason> {
    (!active).then(|| reason.and_then(DisabledReason::parse).unwrap_or(DisabledReason::Failing))
}

/// Opens the secrets that deliveries are signed with at a partner time, the newest first.
///
/// # Errors
/// When the master key is not the one they were sealed with.
pub fn open_secrets(vault: &Vault, endpoint: &Endpoint, now: Time) -> Result<Vec<SecretString>, StoreError> {
    let overlap = endpoint.old_secret_until.is_some_and(|until| now < until);
    let old = endpoint.old_secret.iter().filter(|_| overlap);
    std::iter::once(&endpoint.secret).chain(old).map(|secret| vault.open_secret(secret, place(&endpoint.id))).collect()
}

/// An endpoint by id.
pub async fn load(db: &mut Db, id: &EndpointId) -> Result<Option<Endpoint>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// Those of some endpoints that there still are, in no order.
pub async fn load_all(db: &mut Db, ids: &[EndpointId]) -> Result<Vec<Endpoint>, StoreError> {
    db.find_those(ids).await
}

/// An endpoint of a scope. Endpoints belong to the environment: a sandbox reset keeps them.
pub async fn get(db: &mut Db, scope: &Scope, id: &EndpointId) -> Result<Option<Endpoint>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND environment = $3";
    db.find(rest, args![id, &scope.partner, scope.world.environment().as_str()]).await
}

/// The same, held until the commit.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &EndpointId) -> Result<Option<Endpoint>, Halt> {
    let sql = format!("SELECT 1 FROM endpoints WHERE id = $1{}", tx.backend().for_update());
    tx.one(AssertSqlSafe(sql), args![id]).await?;
    Ok(get(tx, scope, id).await?)
}

/// How many endpoints a scope has; nobody makes another one until the commit.
pub async fn lock_count(tx: &mut Tx, scope: &Scope) -> Result<usize, Halt> {
    partners::lock(tx, &scope.partner).await?;
    Ok(of_partner(tx, &scope.partner, scope.world.environment()).await?.len())
}

/// A page of a scope's endpoints, newest first.
pub async fn list(db: &mut Db, scope: &Scope, page: &Page) -> Result<Vec<Endpoint>, StoreError> {
    let mut endpoints = of_partner(db, &scope.partner, scope.world.environment()).await?;
    endpoints.reverse();
    // There are so few that the database need not cut the page.
    endpoints.retain(|one| page.below.as_ref().is_none_or(|below| one.id.as_str() < below.as_str()));
    endpoints.truncate(usize::try_from(page.limit).unwrap_or(0));
    Ok(endpoints)
}

/// A partner's endpoints in one environment, oldest first.
pub async fn of_partner(
    db: &mut Db,
    partner: &PartnerId,
    environment: Environment,
) -> Result<Vec<Endpoint>, StoreError> {
    let rest = "WHERE partner = $1 AND environment = $2 ORDER BY id";
    db.find_all(rest, args![partner, environment.as_str()]).await
}

/// The same while what was put off is none of them.
pub(crate) async fn of_partner_beside(
    tx: &mut Tx,
    partner: &PartnerId,
    environment: Environment,
) -> Result<Vec<Endpoint>, StoreError> {
    let sql = select::<Endpoint>("WHERE partner = $1 AND environment = $2 ORDER BY id");
    let rows = tx.all_beside(sql, args![partner, environment.as_str()]).await?;
    read_all(&rows)
}

/// The one endpoint that the command line set.
pub async fn from_cli(
    db: &mut Db,
    partner: &PartnerId,
    environment: Environment,
) -> Result<Option<Endpoint>, StoreError> {
    let rest = "WHERE partner = $1 AND environment = $2 AND from_cli = 1 ORDER BY id LIMIT 1";
    db.find(rest, args![partner, environment.as_str()]).await
}

/// Endpoints of all partners that do not take what they are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InTrouble {
    /// Those that fail, and are still tried; the longest failing first, so many as were asked for.
    pub failing: Vec<(EndpointId, Time)>,
    /// Those that were switched off because they failed for too long; so many as were asked for.
    pub disabled: Vec<EndpointId>,
}

/// The endpoints in trouble, of each kind at most `most`: for the operator.
pub async fn in_trouble(db: &mut Db, most: i64) -> Result<InTrouble, StoreError> {
    let failing = "SELECT id, failing_since FROM endpoints WHERE active = 1 AND failing_since IS NOT NULL
        ORDER BY failing_since, id LIMIT $1";
    let disabled = "SELECT id FROM endpoints WHERE active = 0 AND (disabled_reason IS NULL OR disabled_reason = $2)
        ORDER BY id LIMIT $1";
    let mut found = InTrouble::default();
    for row in db.all(failing, args![most]).await? {
        let mut cells = Cells::new("endpoints", &row);
        found.failing.push((cells.id()?, cells.time()?));
    }
    for row in db.all(disabled, args![most, DisabledReason::Failing.as_str()]).await? {
        found.disabled.push(Cells::new("endpoints", &row).id()?);
    }
    Ok(found)
}
