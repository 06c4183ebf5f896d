//! Reads across partners, for the operator's commands only.

use model::action::Action;
use model::clock::Time;
use model::id::{ActionId, EventId, Id, OrderId, RunId, drawn_at};
use model::order::Order;
use model::partner::Partner;
use model::run::Run;
use model::timeline::Facts;
use model::user::fold;
use model::world::{Environment, Scope};

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::page::Page;
use crate::row::Row;
use crate::{domains, orders, partners, timelines, users};

/// What came last of all that is remembered, in server time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Newest {
    /// The last order.
    pub order: Option<Time>,
    /// The last event.
    pub event: Option<Time>,
}

impl Newest {
    /// The later of both.
    #[must_use]
    pub fn at(&self) -> Option<Time> {
        self.order.max(self.event)
    }
}

/// What came last, of every partner.
pub async fn newest(db: &mut Db) -> Result<Newest, StoreError> {
    let order = db.one("SELECT MAX(id) FROM orders", vec![]).await?;
    let event = db.one("SELECT MAX(id) FROM events", vec![]).await?;
    Ok(Newest { order: last_drawn::<OrderId>(order.as_ref())?, event: last_drawn::<EventId>(event.as_ref())? })
}

fn last_drawn<I: Id>(row: Option<&Row>) -> Result<Option<Time>, StoreError> {
    let id = row.map(|row| Cells::new("ids", row).id_or_null::<I>()).transpose()?.flatten();
    Ok(id.as_ref().and_then(drawn_at))
}

/// Those of some runs that are known.
pub async fn known_runs(db: &mut Db, ids: &[RunId]) -> Result<Vec<Run>, StoreError> {
    let mut known = vec![];
    for some in ids.chunks(RUNS_AT_ONCE) {
        let places: Vec<_> = (1..=some.len()).map(|n| format!("${n}")).collect();
        let values = some.iter().map(Value::from).collect();
        known.extend(db.find_all::<Run>(&format!("WHERE id IN ({})", places.join(", ")), values).await?);
    }
    Ok(known)
}

/// So many runs are asked for in one statement.
const RUNS_AT_ONCE: usize = 100;

/// An order of any partner, erased ones too: see [`is_erased`].
pub async fn order(db: &mut Db, id: &OrderId) -> Result<Option<Order>, StoreError> {
    orders::load(db, id).await
}

/// A pending action of any partner.
pub async fn action(db: &mut Db, id: &ActionId) -> Result<Option<Action>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// Whether a reset of its partner's sandbox has erased an order: its rows are left, its world is not.
pub async fn is_erased(db: &mut Db, order: &Order) -> Result<bool, StoreError> {
    let environment = order.world.environment();
    if environment == Environment::Live {
        return Ok(false);
    }
    let partner = partners::get(db, &order.partner).await?;
    Ok(partner.is_none_or(|partner| partner.scope(environment).world != order.world))
}

/// Which orders the operator looks for, among those that no reset has erased.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Only this partner's.
    pub partner: Option<Partner>,
    /// Only those of this environment.
    pub environment: Option<Environment>,
    /// Only those that have, or had, a domain of this name.
    pub domain: Option<String>,
    /// What partners can narrow their own lists by; an address fits that the customer has now, or had then.
    pub filter: orders::Filter,
}

/// The newest orders of a partner, or of everybody.
pub async fn newest_orders(db: &mut Db, sought: &Sought, limit: i64) -> Result<Vec<Order>, StoreError> {
    let scopes = scopes(db, sought).await?;
    let mut found = match &sought.domain {
        Some(name) => having(db, name, &scopes, &sought.filter).await?,
        None => newest_of(db, &scopes, &sought.filter, limit).await?,
    };
    found.sort_by(|one, other| other.id.cmp(&one.id));
    found.dedup_by(|one, other| one.id == other.id);
    found.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(found)
}

/// The worlds to look in, so that every look has an index and none sees what was erased.
async fn scopes(db: &mut Db, sought: &Sought) -> Result<Vec<Scope>, StoreError> {
    let partners = match &sought.partner {
        Some(partner) => vec![partner.clone()],
        None => partners::all(db).await?,
    };
    let wanted = |environment: &Environment| sought.environment.is_none_or(|only| only == *environment);
    let environments: Vec<_> = [Environment::Live, Environment::Test].into_iter().filter(wanted).collect();
    Ok(partners.iter().flat_map(|partner| environments.iter().map(|one| partner.scope(*one))).collect())
}

async fn newest_of(
    db: &mut Db,
    scopes: &[Scope],
    filter: &orders::Filter,
    limit: i64,
) -> Result<Vec<Order>, StoreError> {
    let page = Page { below: None, limit };
    let mut found = vec![];
    for scope in scopes {
        for filter in meant(db, scope, filter).await? {
            found.extend(orders::list(db, scope, &filter, &page).await?);
        }
    }
    Ok(found)
}

/// The filter, and the same with the customer in place of the address: orders keep the one that they came with.
async fn meant(db: &mut Db, scope: &Scope, filter: &orders::Filter) -> Result<Vec<orders::Filter>, StoreError> {
    let mut meant = vec![filter.clone()];
    if let Some(email) = &filter.email
        && let Some(user) = users::by_email(db, scope, email).await?
    {
        meant.push(orders::Filter { user: Some(user.id.to_string()), email: None, ..filter.clone() });
    }
    Ok(meant)
}

/// The orders with a domain of this name.
async fn having(db: &mut Db, name: &str, scopes: &[Scope], filter: &orders::Filter) -> Result<Vec<Order>, StoreError> {
    let mut found = vec![];
    for scope in scopes {
        for id in domains::orders_with(db, &scope.world, name).await? {
            let Some(order) = orders::load(db, &id).await? else { continue };
            let is_here = order.partner == scope.partner;
            if is_here && meant(db, scope, filter).await?.iter().any(|filter| fits(&order, filter)) {
                found.push(order);
            }
        }
    }
    Ok(found)
}

fn fits(order: &Order, filter: &orders::Filter) -> bool {
    filter.status.is_none_or(|status| order.status == status)
        && filter.user.as_ref().is_none_or(|user| order.user.as_str() == user)
        && filter.reference.as_ref().is_none_or(|reference| order.reference.as_ref() == Some(reference))
        && filter.email.as_ref().is_none_or(|email| fold(&order.email) == fold(email))
}

/// What the timeline of an order of any partner is made of. Belongs on a connection of
/// [`crate::Store::read_at_once`].
pub async fn timeline(db: &mut Db, id: &OrderId) -> Result<Option<Facts>, StoreError> {
    let Some(order) = orders::load(db, id).await? else { return Ok(None) };
    let scope = Scope { partner: order.partner, world: order.world };
    timelines::facts(db, &scope, id).await
}
