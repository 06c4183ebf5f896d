//! Swaps.

use model::clock::Time;
use model::domain::{Domain, DomainName};
use model::id::{DomainId, SwapId};
use model::order::Order;
use model::swap::{Swap, SwapStatus};
use model::world::{Scope, World};

use crate::column::{Json, Key, Known, Name};
use crate::db::{Cells, Db, args};
use crate::domains;
use crate::error::StoreError;
use crate::page::Page;
use crate::record::Record;
use crate::table::table;

table! {
    Swap in "swaps"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        kind: Name,
        order_id from order: Key,
        user_id from user: Key,
        domain_id from domain: Key,
        inbox_id from inbox: Option<Key>,
    }
    changing {
        replacement_name: Option<DomainName>,
        replacement_id from replacement: Option<Key>,
        persona: Option<Json>,
        status: Name,
        reason: Known,
        finished_at: Option<Time>,
    }
}

/// One by id, as a request sees it.
pub async fn get(db: &mut Db, scope: &Scope, id: &SwapId) -> Result<Option<Swap>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// A swap as the engine sees it.
pub async fn load(db: &mut Db, id: &SwapId) -> Result<Option<Swap>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// What lists of swaps can be narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    /// On either side: the domain that is replaced or renamed, or the one that takes its place.
    pub domain: Option<String>,
    pub order: Option<String>,
    pub user: Option<String>,
    pub status: Option<SwapStatus>,
}

/// A page of swaps, newest first. Each side of a domain has an index of its own, so each is read for itself.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Swap>, StoreError> {
    if filter.domain.is_none() {
        return side(db, scope, filter, "domain_id", page).await;
    }
    let mut swaps = side(db, scope, filter, "domain_id", page).await?;
    swaps.extend(side(db, scope, filter, "replacement_id", page).await?);
    swaps.sort_by(|one, other| other.id.cmp(&one.id));
    swaps.truncate(usize::try_from(page.limit).unwrap_or(0));
    Ok(swaps)
}

async fn side(db: &mut Db, scope: &Scope, filter: &Filter, column: &str, page: &Page) -> Result<Vec<Swap>, StoreError> {
    let equal = [
        (column, filter.domain.clone()),
        ("order_id", filter.order.clone()),
        ("user_id", filter.user.clone()),
        ("status", filter.status.map(|status| status.as_str().to_owned())),
    ];
    page.find(db, scope, &equal).await
}

/// The open swap that a domain is replaced by, if there is one.
pub async fn open_of_domain(db: &mut Db, domain: &DomainId) -> Result<Option<Swap>, StoreError> {
    let rest = format!("WHERE domain_id = $1 AND kind <> 'user_names' AND {OPEN} LIMIT 1");
    db.find(&rest, args![domain]).await
}

/// The open swaps of an order, oldest first.
pub async fn open_of_order(db: &mut Db, order: &Order) -> Result<Vec<Swap>, StoreError> {
    let rest = format!("WHERE partner = $1 AND world = $2 AND order_id = $3 AND {OPEN} ORDER BY id");
    db.find_all(&rest, args![&order.partner, order.world.as_str(), &order.id]).await
}

/// The swaps of a domain's renaming that is not done, oldest first, those included that are done; none when
/// nothing is being renamed.
pub async fn renaming(db: &mut Db, domain: &Domain) -> Result<Vec<Swap>, StoreError> {
    // A domain has few swaps, a kind many.
    let kind = db.backend().passed_over("kind");
    let of_domain = format!("partner = $1 AND world = $2 AND domain_id = $3 AND {kind} = 'user_names'");
    let rest = format!(
        "WHERE {of_domain} AND created_at = (SELECT MIN(created_at) FROM swaps WHERE {of_domain} AND {OPEN}) ORDER BY id"
    );
    let swaps: Vec<Swap> = db.find_all(&rest, args![&domain.partner, domain.world.as_str(), &domain.id]).await?;
    // An earlier renaming may be of the same moment.
    let newest = |swap: &&Swap| !swaps.iter().any(|other| other.inbox == swap.inbox && other.id > swap.id);
    Ok(swaps.iter().filter(newest).cloned().collect())
}

/// The swaps that a domain came by, newest first, as far back as they can matter: up to the first that ended
/// before `since`.
pub async fn lineage(db: &mut Db, domain: &Domain, since: Time) -> Result<Vec<Swap>, StoreError> {
    let (mut swaps, mut next) = (vec![], domain.swap.clone());
    while let Some(id) = next {
        let Some(swap) = load(db, &id).await? else { break };
        let before = domains::load(db, &swap.domain).await?;
        let old = swap.finished_at.is_some_and(|at| at < since);
        swaps.push(swap);
        next = before.filter(|_| !old).and_then(|domain| domain.swap);
    }
    Ok(swaps)
}

/// When each premium swap after `since` was asked for, oldest first; those that failed or were cancelled are left out.
pub async fn premium_since(db: &mut Db, scope: &Scope, since: Time) -> Result<Vec<Time>, StoreError> {
    let sql = "SELECT created_at FROM swaps WHERE partner = $1 AND world = $2 AND kind = 'premium' AND created_at > $3
        AND status <> 'failed' AND status <> 'cancelled' ORDER BY created_at";
    let rows = db.all(sql, args![&scope.partner, scope.world.as_str(), since]).await?;
    rows.iter().map(|row| Cells::new(Swap::TABLE, row).time()).collect()
}

/// What makes a swap an open one, as the partial indices have it.
const OPEN: &str = "status IN ('created', 'in_progress', 'action_required')";
