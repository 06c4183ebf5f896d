//! Orders.

use model::clock::Time;
use model::domain::Domain;
use model::id::{BundleId, Id, OrderId};
use model::ledger::Sum;
use model::order::{Facts, Order, OrderStatus, Placing, Sequencer, Size, UserRef};
use model::secret::Secret;
use model::user::fold;
use model::world::{Scope, World};
use secrecy::SecretString;

use crate::db::{Cells, Db, Tx, Value, args, id_or_null, json};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::{Record, select};
use crate::seal::{Place, Vault};
use crate::{between, bundles, domains, ledger, quotes, users};

impl Record for Order {
    const TABLE: &'static str = "orders";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "world",
        "created_at",
        "user_id",
        "email",
        "email_folded",
        "bundle_id",
        "anchor_day",
        "reference",
        "forwarding_url",
        "personas",
        "metadata",
        "status",
        "domain_count",
        "total_cents",
        "renews_at",
        "client_id",
        "login_email",
        "login_password",
        "login_api_key",
        "api_key",
        "cancel_scheduled_at",
        "cancels_at",
        "timed",
        "completed_at",
        "last_event",
        "version",
    ];
    const FIXED: usize = 13;

    fn values(&self, vault: &Vault) -> Vec<Value> {
        let login = &self.sequencer;
        let seal = |column, secret: &Secret| vault.seal(secret, Place { column, row: self.id.as_str() });
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            &self.user,
            self.email.as_str(),
            fold(&self.email),
            id_or_null(self.bundle.as_ref()),
            i64::from(self.anchor_day),
            self.reference.as_deref(),
            self.forwarding_url.as_deref(),
            json(&self.personas),
            json(&self.metadata),
            self.status.as_str(),
            self.domain_count,
            self.total_cents,
            self.renews_at,
            login.client_id,
            login.login_email.as_str(),
            seal(PASSWORD, &login.login_password),
            login.api_key.as_ref().map(|key| seal(API_KEY, key)),
            id_or_null(self.api_key.as_ref()),
            self.cancel_scheduled_at,
            self.cancels_at,
            self.timed,
            self.completed_at,
            id_or_null(self.last_event.as_ref()),
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        let id = cells.id()?;
        let partner = cells.id()?;
        let world = World::stored(cells.text()?);
        let created_at = cells.time()?;
        let user = cells.id()?;
        let email = cells.text()?;
        cells.text()?;
        Ok(Self {
            id,
            partner,
            world,
            created_at,
            user,
            email,
            bundle: cells.id_or_null()?,
            anchor_day: i8::try_from(cells.int()?).unwrap_or(1),
            reference: cells.text_or_null()?,
            forwarding_url: cells.text_or_null()?,
            personas: cells.json()?,
            metadata: cells.json()?,
            status: cells.named(OrderStatus::parse)?,
            domain_count: cells.int()?,
            total_cents: cells.int()?,
            renews_at: cells.time()?,
            sequencer: Sequencer {
                client_id: cells.int_or_null()?,
                login_email: cells.text()?,
                login_password: Secret::Sealed(cells.text()?),
                api_key: cells.text_or_null()?.map(Secret::Sealed),
            },
            api_key: cells.id_or_null()?,
            cancel_scheduled_at: cells.time_or_null()?,
            cancels_at: cells.time_or_null()?,
            timed: cells.flag()?,
            completed_at: cells.time_or_null()?,
            last_event: cells.id_or_null()?,
            version: cells.int()?,
        })
    }
}

const PASSWORD: &str = "orders.login_password";
const API_KEY: &str = "orders.login_api_key";

/// Opens an order's login: its password, and its API key when there is one.
///
/// # Errors
/// When the master key is not the one it was sealed with.
pub fn open_login(vault: &Vault, order: &Order) -> Result<(SecretString, Option<SecretString>), StoreError> {
    let place = |column| Place { column, row: order.id.as_str() };
    let password = vault.open_secret(&order.sequencer.login_password, place(PASSWORD))?;
    let api_key = order.sequencer.api_key.as_ref().map(|key| vault.open_secret(key, place(API_KEY))).transpose()?;
    Ok((password, api_key))
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
        match load(db, &order.id).await? {
            Some(after) if after.version != order.version => order = after,
            _ => return Ok((order, domains, sums)),
        }
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
    let narrowed = Narrowed::to(db, scope)
        .equal("reference", filter.reference.clone())
        .equal("user_id", filter.user.clone())
        .equal("email_folded", filter.email.as_deref().map(fold))
        .equal("bundle_id", filter.bundle.as_ref().map(ToString::to_string))
        .equal("status", filter.status.map(OrderStatus::as_str))
        .between("created_at", after, before)
        .ids(from, to);
    page.rows(db, narrowed).await
}

/// What has to be known to place an order: read once before the registrar is asked, and again in
/// the transaction. Whoever places it, and the limits it counts against, are the caller's to add
/// (see [`crate::spend`]).
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
    let names: Vec<_> = placing.domains.iter().map(|wanted| wanted.name.clone()).collect();
    let held = domains::holders(db, &scope.world, &names).await?;
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
