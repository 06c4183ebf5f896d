//! Domains.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::slice;

use model::account::Has;
use model::by_hand;
use model::clock::Time;
use model::domain::Assigned;
use model::domain::{Category, Domain, DomainName, DomainRef, DomainStatus, MailProvider, derived_renewal_cost};
use model::id::{DomainId, Id as _, OrderId, UserId};
use model::order::Tally;
use model::role::Role;
use model::secret::Secret;
use model::world::{Scope, World};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::AssertSqlSafe;

use crate::column::{Json, Key, Known, Name};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::{LIST, Record, push_places};
use crate::seal::{Place, Vault};
use crate::table::table;

/// So many names are looked for each by itself; more of them are worth one look at all that a world has, where that is how it is done.
const EACH: usize = 8;

table! {
    Domain as (domain, vault) in "domains"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        name: DomainName,
        created_at: Time,
        source: Name,
    }
    changing {
        status: Name,
        held: bool,
        order_id from order: Option<Key>,
        position: i64,
        user_id from user: Option<Key>,
        usable_for: Json,
        provider: Known,
        licenses: i64,
        inboxes_planned: i64,
        inboxes_made: i64,
        persona_offset: i64,
        forwarding_url: Option<String>,
        price_cents: i64,
        cost_cents: i64,
        renewal_price_cents: i64,
        renewal_cost_cents: Option<i64> = Some(domain.renewal_cost_cents),
        dns: Option<Json>,
        expires_at: Option<Time>,
        connected_at: Option<Time>,
        cancels_at: Option<Time>,
        left_at: Option<Time>,
        stop: Known,
        swap_id from swap: Option<Key>,
        personas: Option<Json>,
        registrar_account: Option<String> = domain.accounts.registrar,
        dns_account: Option<String> = domain.accounts.dns,
        redirect_account: Option<String> = domain.accounts.redirect,
        mail_account: Option<String> = domain.accounts.mail,
        sequencer_account: Option<String> = domain.accounts.sequencer,
        mail_logins: Option<String> = domain.mail_logins.as_ref().map(|kept| vault.seal(kept, place(domain))),
        written category: Name = domain.category(),
        written for_google: bool = domain.usable_for.contains(&MailProvider::Google),
        written for_microsoft: bool = domain.usable_for.contains(&MailProvider::Microsoft),
    }
    read {
        renewal_cost_cents: renewal_cost_cents
            .unwrap_or_else(|| derived_renewal_cost(price_cents, cost_cents, renewal_price_cents)),
        accounts: Assigned {
            registrar: registrar_account,
            dns: dns_account,
            redirect: redirect_account,
            mail: mail_account,
            sequencer: sequencer_account,
        },
        mail_logins: mail_logins.map(Secret::Sealed),
    }
}

fn place(domain: &Domain) -> Place<'_> {
    Place { column: "domains.mail_logins", row: domain.id.as_str() }
}

/// Opens the passwords of a domain's mailboxes, by address; none where nobody has told any.
///
/// # Errors
/// When the master key is not the one that they were sealed with.
pub fn open_mail_logins(vault: &Vault, domain: &Domain) -> Result<BTreeMap<String, SecretString>, StoreError> {
    let Some(kept) = &domain.mail_logins else { return Ok(BTreeMap::new()) };
    let kept = vault.open_secret(kept, place(domain))?;
    let passwords = by_hand::passwords(kept.expose_secret()).into_iter();
    Ok(passwords.map(|(email, password)| (email, SecretString::from(password))).collect())
}

/// The domains of a world that have not failed or left, by their names.
pub async fn living(db: &mut Db, world: &World) -> Result<Vec<Domain>, StoreError> {
    let rest = "WHERE world = $1 AND status <> 'failed' AND status <> 'released' ORDER BY name";
    db.find_all(rest, args![world.as_str()]).await
}

/// How many domains each account has in a role, of those that have not failed or left.
pub async fn in_accounts(db: &mut Db, role: Role) -> Result<Vec<(String, i64)>, StoreError> {
    let Some(column) = account_column(role) else { return Ok(vec![]) };
    let sql = format!(
        "SELECT {column}, COUNT(*) FROM domains WHERE {column} IS NOT NULL AND status <> 'failed'
            AND status <> 'released' GROUP BY {column} ORDER BY {column}"
    );
    let rows = db.all(AssertSqlSafe(sql), args![]).await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(Domain::TABLE, row);
            Ok((cells.text()?, cells.int()?))
        })
        .collect()
}

/// What each mail tenant has, of domains that have not failed or left: how many, with how many users, and how many of them are
/// this customer's.
pub async fn in_tenants(db: &mut Db, customer: Option<&UserId>) -> Result<Vec<(String, Has)>, StoreError> {
    let sql = "SELECT mail_account, CAST(COUNT(*) AS BIGINT), CAST(SUM(inboxes_planned) AS BIGINT),
            CAST(SUM(CASE WHEN user_id = $1 THEN 1 ELSE 0 END) AS BIGINT)
            FROM domains WHERE mail_account IS NOT NULL AND status <> 'failed' AND status <> 'released'
            GROUP BY mail_account ORDER BY mail_account";
    let customer = customer.map_or("", UserId::as_str);
    let rows = db.all(sql, args![customer]).await?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(Domain::TABLE, row);
            let account = cells.text()?;
            let (domains, users, of_customer) = (cells.int()?, cells.int()?, cells.int()?);
            Ok((account, Has { domains, users, of_customer, most_users: None }))
        })
        .collect()
}

/// How many of a mail tenant's users are made for domains that have not failed or left, or are being made: their inboxes, or the seats
/// that were taken for these. A seat is taken when a try that asked for it has ended, and nobody knows it for certain yet.
pub async fn users_begun(db: &mut Db, account: &str) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN made > taken THEN made ELSE taken END), 0) AS BIGINT) FROM (
            SELECT (SELECT COUNT(*) FROM inboxes WHERE domain_id = domains.id AND status <> 'deleted') AS made,
                (SELECT COALESCE(SUM(seats), 0) FROM intents WHERE domain_id = domains.id AND kind = 'seat'
                    AND ended_at IS NULL AND (state = 'bought' OR state = 'open' AND asked_at > opened_at)) AS taken
            FROM domains WHERE mail_account = $1 AND status <> 'failed' AND status <> 'released'
        ) begun";
    let Some(row) = db.one(sql, args![account]).await? else { return Ok(0) };
    Cells::new(Domain::TABLE, &row).int()
}

/// How many domains an account has in a role, of live keys and of sandboxes that were not reset since, of those that have not
/// failed or left.
pub async fn at(db: &mut Db, role: Role, account: &str) -> Result<(i64, i64), StoreError> {
    let Some(column) = account_column(role) else { return Ok((0, 0)) };
    let sql = format!(
        "SELECT COALESCE(SUM(CASE WHEN world = 'live' THEN 1 ELSE 0 END), 0),
            COALESCE(SUM(CASE WHEN world = 'test:' || partner || ':' || (
                SELECT p.test_epoch FROM partners p WHERE p.id = domains.partner
            ) THEN 1 ELSE 0 END), 0)
            FROM domains WHERE {column} = $1 AND status <> 'failed' AND status <> 'released'"
    );
    let Some(row) = db.one(AssertSqlSafe(sql), args![account]).await? else { return Ok((0, 0)) };
    let mut cells = Cells::new(Domain::TABLE, &row);
    Ok((cells.int()?, cells.int()?))
}

const fn account_column(role: Role) -> Option<&'static str> {
    match role {
        Role::Registrar => Some("registrar_account"),
        Role::Dns => Some("dns_account"),
        Role::Redirect => Some("redirect_account"),
        Role::Mail => Some("mail_account"),
        Role::Sequencer => Some("sequencer_account"),
        Role::Observer => None,
    }
}

/// Every live domain of a world with one of these names, whoever holds it.
pub async fn holders(db: &mut Db, world: &World, names: &[DomainName]) -> Result<Vec<Domain>, StoreError> {
    const LIVING: &str = "world = $1 AND status <> 'failed' AND status <> 'released'";
    let values = |names: &[DomainName]| {
        let names = names.iter().map(|name| Value::from(name.as_str()));
        args![world.as_str()].into_iter().chain(names).collect()
    };
    if names.len() <= EACH {
        let each = (2..names.len() + 2).map(|place| format!("WHERE {LIVING} AND name = ${place}"));
        return if names.is_empty() { Ok(vec![]) } else { db.find_each(each, values(names)).await };
    }
    let mut found = vec![];
    for names in names.chunks(LIST) {
        let mut rest = format!("WHERE {LIVING} AND name IN (");
        push_places(&mut rest, 2, names.len() + 1);
        rest.push(')');
        found.extend(db.find_all(&rest, values(names)).await?);
    }
    Ok(found)
}

/// The domain of a scope that is meant.
pub async fn meant(db: &mut Db, scope: &Scope, domain: &DomainRef) -> Result<Option<Domain>, StoreError> {
    match domain {
        DomainRef::Id(id) => get(db, scope, id).await,
        DomainRef::Name(name) => {
            let holder = holders(db, &scope.world, slice::from_ref(name)).await?.pop();
            Ok(holder.filter(|holder| holder.partner == scope.partner))
        }
    }
}

/// The orders of a world that have, or had, a domain of this name.
pub async fn orders_with(db: &mut Db, world: &World, name: &str) -> Result<Vec<OrderId>, StoreError> {
    // Each half has an index of its own.
    let sql = "SELECT order_id FROM domains WHERE world = $1 AND name = $2 AND order_id IS NOT NULL
        AND status <> 'failed' AND status <> 'released'
        UNION ALL SELECT order_id FROM domains WHERE world = $1 AND name = $2 AND order_id IS NOT NULL
        AND (status = 'failed' OR status = 'released')";
    let rows = db.all(sql, args![world.as_str(), name]).await?;
    rows.iter().map(|row| Cells::new("domains", row).id()).collect()
}

/// The domains of a scope that have one of these ids, locked until the commit in the order of their ids, so
/// that two who lock some of the same ones never wait for each other in a circle.
pub async fn lock(tx: &mut Tx, scope: &Scope, ids: &[String]) -> Result<Vec<Domain>, StoreError> {
    let mut ids: Vec<_> = ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = vec![];
    for ids in ids.chunks(LIST) {
        let mut rest = "WHERE partner = $1 AND world = $2 AND id IN (".to_owned();
        push_places(&mut rest, 3, ids.len() + 2);
        let _ = write!(rest, ") ORDER BY id{}", tx.backend().for_update());
        let mut values = args![&scope.partner, scope.world.as_str()];
        values.extend(ids.iter().map(|id| Value::from(*id)));
        found.extend(tx.find_all(&rest, values).await?);
    }
    Ok(found)
}

/// An order's domains, in the order sent, locked until the commit. The steps that make them change them without a lock
/// of the order; who decides about all of them at once would find some of many changed each time it came to write.
/// They are locked in the order of their ids, as in [`lock`].
pub async fn lock_of_order(tx: &mut Tx, order: &OrderId) -> Result<Vec<Domain>, StoreError> {
    let rest = format!("WHERE order_id = $1 ORDER BY id{}", tx.backend().for_update());
    let mut domains: Vec<Domain> = tx.find_all(&rest, args![order]).await?;
    domains.sort_by(|one, other| (one.position, &one.id).cmp(&(other.position, &other.id)));
    Ok(domains)
}

/// An order's domains, in the order sent.
pub async fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Domain>, StoreError> {
    db.find_all("WHERE order_id = $1 ORDER BY position, id", args![order]).await
}

/// An order's domains whose inboxes carry the names of people of their own.
pub async fn with_own_people(db: &mut Db, order: &OrderId) -> Result<Vec<DomainId>, StoreError> {
    let sql = "SELECT id FROM domains WHERE order_id = $1 AND personas IS NOT NULL ORDER BY id";
    let rows = db.all(sql, args![order]).await?;
    rows.iter().map(|row| Cells::new("domains", row).id()).collect()
}

/// A domain as the engine sees it.
pub async fn load(db: &mut Db, id: &DomainId) -> Result<Option<Domain>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// A domain that was read or written before, as it is now.
pub async fn again(db: &mut Db, known: &Domain) -> Result<Option<Domain>, StoreError> {
    db.find_again(Value::from(&known.id), (known, known.version)).await
}

/// The same for those of several that nobody else holds, in no order. They are held until the commit.
pub async fn all_free(db: &mut Db, known: &[&Domain]) -> Result<Vec<Domain>, StoreError> {
    db.find_all_free(known.iter().map(|domain| (Value::from(&domain.id), *domain, domain.version)).collect()).await
}

/// How many active domains of a scope a provider hosts.
pub async fn count_active(db: &mut Db, scope: &Scope, provider: MailProvider) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM domains WHERE partner = $1 AND world = $2 AND provider = $3
        AND status = 'active'";
    let row = db.one(sql, args![&scope.partner, scope.world.as_str(), provider.as_str()]).await?;
    row.map_or(Ok(0), |row| Cells::new("domains", &row).int())
}

/// The names of a scope's domains that have one of these ids.
pub async fn names<'a>(
    db: &mut Db,
    scope: &Scope,
    ids: impl IntoIterator<Item = &'a DomainId>,
) -> Result<BTreeMap<DomainId, DomainName>, StoreError> {
    let ids: BTreeSet<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let places: Vec<_> = (3..ids.len() + 3).map(|n| format!("${n}")).collect();
    let sql =
        format!("SELECT id, name FROM domains WHERE partner = $1 AND world = $2 AND id IN ({})", places.join(", "));
    let mut values = args![&scope.partner, scope.world.as_str()];
    values.extend(ids.into_iter().map(Value::from));
    let rows = db.all(AssertSqlSafe(sql), values).await?;
    let read = |row| {
        let mut cells = Cells::new(Domain::TABLE, row);
        Ok((cells.id()?, DomainName::stored(cells.text()?)))
    };
    rows.iter().map(read).collect()
}

/// A domain of a scope, whatever has become of it.
pub async fn get(db: &mut Db, scope: &Scope, id: &DomainId) -> Result<Option<Domain>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// What lists of domains can be narrowed by. Without a status those that failed or were released are
/// left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    pub user: Option<String>,
    pub status: Option<DomainStatus>,
    pub category: Option<Category>,
    pub usable_for: Option<MailProvider>,
}

/// A page of domains, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Domain>, StoreError> {
    let usable = |provider| (filter.usable_for == Some(provider)).then_some(true);
    let narrowed = Narrowed::to(db, scope)
        .equal("user_id", filter.user.clone())
        .equal("status", filter.status.map(DomainStatus::as_str))
        .equal("category", filter.category.map(Category::as_str))
        .equal("for_google", usable(MailProvider::Google))
        .equal("for_microsoft", usable(MailProvider::Microsoft));
    let narrowed = match filter.status {
        Some(_) => narrowed,
        None => narrowed.fixed("status <> 'failed' AND status <> 'released'"),
    };
    page.rows(db, narrowed).await
}

/// How many of an order's domains are in each class, as far as its status depends on it: two of a status stand for any
/// more. Each status is one look into an index, whatever the order has.
pub async fn tally(db: &mut Db, order: &OrderId) -> Result<Tally, StoreError> {
    let one = |status: &DomainStatus| {
        let name = status.as_str();
        format!(
            "SELECT '{name}', (SELECT CAST(COUNT(*) AS BIGINT) FROM (
                SELECT 1 AS one FROM domains WHERE order_id = $1 AND status = '{name}' LIMIT 2
            ) few)"
        )
    };
    let looks: Vec<_> = DomainStatus::ALL.iter().map(one).collect();
    let mut tally = Tally::default();
    for row in db.all(AssertSqlSafe(looks.join(" UNION ALL ")), args![order]).await? {
        let mut cells = Cells::new("domains", &row);
        tally.add(cells.named(DomainStatus::parse)?, cells.int()?);
    }
    Ok(tally)
}

/// Whether an order has domains beside one that have not left it.
pub async fn others_stay(db: &mut Db, order: &OrderId, but: &DomainId) -> Result<bool, StoreError> {
    let stays = |status: &&DomainStatus| {
        !matches!(status, DomainStatus::Released | DomainStatus::Failed | DomainStatus::Available)
    };
    let stays: Vec<_> = DomainStatus::ALL.iter().filter(stays).map(|status| format!("'{}'", status.as_str())).collect();
    let sql =
        format!("SELECT 1 FROM domains WHERE order_id = $1 AND status IN ({}) AND id <> $2 LIMIT 1", stays.join(", "));
    Ok(db.one(AssertSqlSafe(sql), args![order, but]).await?.is_some())
}
