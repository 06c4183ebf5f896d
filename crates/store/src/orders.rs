//! Orders.

use std::collections::HashMap;

use model::bundle::Bundle;
use model::clock::Time;
use model::domain::Domain;
use model::id::{BundleId, Id, OrderId};
use model::ledger::Sum;
use model::order::{Facts, Order, OrderStatus, Placing, Sequencer, Size, UserRef};
use model::secret::Secret;
use model::trace::TraceParent;
use model::user::{User, fold};
use model::world::{Scope, World};
use secrecy::SecretString;
use sqlx::AssertSqlSafe;

use crate::column::{Column, Json, Key, Name};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::{LIST, Record, push_places, select};
use crate::seal::{Place, Vault};
use crate::table::table;
use crate::{between, bundles, domains, ledger, quotes, users};

table! {
    Order as (order, vault) in "orders"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        user_id from user: Key,
        email: String,
        written email_folded: String = fold(&order.email),
        bundle_id from bundle: Option<Key>,
        anchor_day: i8,
        reference: Option<String>,
        forwarding_url: Option<String>,
        personas: Json,
        metadata: Json,
        trace: Option<TraceParent>,
    }
    changing {
        status: Name,
        domain_count: i64,
        total_cents: i64,
        renews_at: Time,
        sequencer_provider: Name = order.sequencer.provider,
        client_id: Option<i64> = order.sequencer.client_id,
        login_email: String = order.sequencer.login_email.clone().unwrap_or_default(),
        login_password: String = order
            .sequencer
            .login_password
            .as_ref()
            .map(|password| vault.seal(password, place(order, PASSWORD)))
            .unwrap_or_default(),
        login_api_key: Option<String> =
            order.sequencer.api_key.as_ref().map(|key| vault.seal(key, place(order, API_KEY))),
        api_key: Option<Key>,
        dkim: Name,
        cancel_scheduled_at: Option<Time>,
        cancels_at: Option<Time>,
        timed: bool,
        completed_at: Option<Time>,
        last_event: Option<Key>,
    }
    read {
        sequencer: Sequencer {
            provider: sequencer_provider,
            client_id,
            login_email: Some(login_email).filter(|email| !email.is_empty()),
            login_password: Some(login_password).filter(|sealed| !sealed.is_empty()).map(Secret::Sealed),
            api_key: login_api_key.map(Secret::Sealed),
        },
    }
}

const PASSWORD: &str = "orders.login_password";
const API_KEY: &str = "orders.login_api_key";

fn place<'a>(order: &'a Order, column: &'static str) -> Place<'a> {
    Place { column, row: order.id.as_str() }
}

/// Opens an order's login: its password and its API key, where there is one.
///
/// # Errors
/// When the master key is not the one it was sealed with.
pub fn open_login(vault: &Vault, order: &Order) -> Result<(Option<SecretString>, Option<SecretString>), StoreError> {
    let open = |kept: &Option<Secret>, column| {
        kept.as_ref().map(|kept| vault.open_secret(kept, place(order, column))).transpose()
    };
    Ok((open(&order.sequencer.login_password, PASSWORD)?, open(&order.sequencer.api_key, API_KEY)?))
}

/// An order of a scope.
pub async fn get(db: &mut Db, scope: &Scope, id: &OrderId) -> Result<Option<Order>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// An order as the engine sees it.
pub async fn load(db: &mut Db, id: &OrderId) -> Result<Option<Order>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// Where in a trace each of some orders was placed; those that were placed in none are not named.
pub async fn traces(db: &mut Db, ids: &[OrderId]) -> Result<HashMap<OrderId, TraceParent>, StoreError> {
    let mut found = HashMap::new();
    for ids in ids.chunks(LIST) {
        let mut sql = "SELECT id, trace FROM orders WHERE trace IS NOT NULL AND id IN (".to_owned();
        push_places(&mut sql, 1, ids.len());
        sql.push(')');
        for row in db.all(AssertSqlSafe(sql), ids.iter().map(Value::from).collect()).await? {
            let mut cells = Cells::new(Order::TABLE, &row);
            found.insert(cells.id()?, <TraceParent as Column<_>>::take(&mut cells)?);
        }
    }
    Ok(found)
}

/// An order, locked until the commit.
pub async fn lock(tx: &mut Tx, id: &OrderId) -> Result<Option<Order>, StoreError> {
    let rest = format!("WHERE id = $1{}", tx.backend().for_update());
    let row = tx.one(select::<Order>(&rest), args![id]).await?;
    row.map(|row| Order::read(&mut Cells::new(Order::TABLE, &row))).transpose()
}

/// An order with its domains and what was booked for it, as they stood at one moment. A settlement that commits between the
/// reads raises the order's version; then they are read again.
pub async fn in_full(db: &mut Db, mut order: Order) -> Result<(Order, Vec<Domain>, Vec<Sum>), StoreError> {
    loop {
        let domains = domains::of_order(db, &order.id).await?;
        let sums = ledger::sums_of_order(db, &order.id).await?;
        match load_newer(db, &order).await? {
            Some(after) => order = after,
            None => return Ok((order, domains, sums)),
        }
    }
}

/// An order as it is now, if that is not what is known.
async fn load_newer(db: &mut Db, known: &Order) -> Result<Option<Order>, StoreError> {
    let row = db.one("SELECT version FROM orders WHERE id = $1", args![&known.id]).await?;
    match row.map(|row| row.number()).transpose()? {
        Some(version) if version != known.version => load(db, &known.id).await,
        _ => Ok(None),
    }
}

/// What lists of orders can be narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    pub user: Option<String>,
    pub email: Option<String>,
    pub bundle: Option<BundleId>,
    pub status: Option<OrderStatus>,
    pub reference: Option<String>,
    /// Only orders placed at or after this partner time.
    pub created_after: Option<Time>,
    /// Only orders placed before this partner time.
    pub created_before: Option<Time>,
}

/// A page of orders, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Order>, StoreError> {
    let (after, before) = (filter.created_after, filter.created_before);
    let within = between::ids::<OrderId>(db, scope, Order::TABLE, after, before).await?;
    let Some((from, to)) = within else { return Ok(vec![]) };
    let spelled = |spelling: Option<String>| {
        Narrowed::to(db, scope)
            .equal("reference", filter.reference.clone())
            .equal("user_id", filter.user.clone())
            .equal("email_folded", spelling)
            .equal("bundle_id", filter.bundle.as_ref().map(ToString::to_string))
            .equal("status", filter.status.map(OrderStatus::as_str))
            .between("created_at", after, before)
            .ids(from.clone(), to.clone())
    };
    let each = users::each_spelling(filter.email.as_deref()).into_iter().map(spelled).collect();
    page.rows_of_each(db, each, |order: &Order| order.id.as_str()).await
}

/// What has to be known to place an order: read once before the registrar is asked, and again in
/// the transaction, see [`facts_around`]. Whoever places it, what the partner's orders begin with, and the limits it counts against
/// (see [`crate::spend`]) are the caller's to add.
pub async fn facts_for_placing(db: &mut Db, scope: &Scope, placing: &Placing) -> Result<Facts, StoreError> {
    let user = match &placing.user {
        Some(UserRef::Id(id)) => users::active(db, scope, id).await?,
        Some(UserRef::Email(email)) => users::active_by_email(db, scope, email).await?,
        None => None,
    };
    let bundle = match &placing.size {
        Size::Bundle(id) => bundles::get(db, scope, id).await?,
        Size::Licenses { .. } => None,
    };
    let held = holders(db, scope, placing).await?;
    facts_around(db, scope, placing, (bundle, user, held)).await
}

/// Every living domain that has one of the wanted names.
pub async fn holders(db: &mut Db, scope: &Scope, placing: &Placing) -> Result<Vec<Domain>, StoreError> {
    let names: Vec<_> = placing.domains.iter().map(|wanted| wanted.name.clone()).collect();
    domains::holders(db, &scope.world, &names).await
}

/// The same for whoever holds the bundle and the customer, and knows who holds the names.
pub async fn facts_around(
    db: &mut Db,
    scope: &Scope,
    placing: &Placing,
    (bundle, user, held): (Option<Bundle>, Option<User>, Vec<Domain>),
) -> Result<Facts, StoreError> {
    let reference_taken_by = match &placing.reference {
        Some(reference) => by_reference(db, scope, reference).await?,
        None => None,
    };
    let quote = match &placing.quote_id {
        Some(id) => quotes::get(db, scope, id).await?,
        None => None,
    };
    Ok(Facts { user, bundle, held, reference_taken_by, quote, ..Facts::default() })
}

async fn by_reference(db: &mut Db, scope: &Scope, reference: &str) -> Result<Option<OrderId>, StoreError> {
    let sql = "SELECT id FROM orders WHERE partner = $1 AND world = $2 AND reference = $3";
    let row = db.one(sql, args![&scope.partner, scope.world.as_str(), reference]).await?;
    row.map(|row| Cells::new("orders", &row).id()).transpose()
}
