//! An order is called what its domains make of it. It is computed here, where domains are written, so that nobody who
//! changes one can forget it.

use std::collections::BTreeSet;

use model::action::Action;
use model::change::Change;
use model::clock::{Now, Time};
use model::domain::{Class, Domain};
use model::id::{Ids, OrderId};
use model::ledger::Sum;
use model::order::{Order, OrderStatus, Standing, change_status, status_change};

use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::{actions, domains, ledger, orders, partners};

/// Adds to a change, whose domains are written, what they make of their orders, and its event. Whoever changes what a
/// domain counts as has its order's turn and has locked it.
pub(crate) async fn follow(tx: &mut Tx, change: &mut Change, ids: &Ids, now: Time) -> Result<(), Halt> {
    for id in touched(change) {
        let known = change.orders.update.iter().find(|order| order.id == id).cloned();
        if !may_be_news(tx, &id, known.as_ref(), change).await? {
            continue;
        }
        let order = match known {
            Some(order) => Some(order),
            None => orders::lock(tx, &id).await?,
        };
        if let Some(order) = order {
            tell(tx, order, change, ids, now).await?;
        }
    }
    Ok(())
}

/// The orders of the domains that change; a new order is what it was placed as.
fn touched(change: &Change) -> BTreeSet<OrderId> {
    let rows = change.domains.update.iter().chain(&change.domains.insert);
    let placed = |id: &OrderId| change.orders.insert.iter().any(|order| order.id == *id);
    rows.filter_map(|domain| domain.order.clone()).filter(|id| !placed(id)).collect()
}

/// The many moves from one step of the making to the next do not change what an order is called: they cost one look.
async fn may_be_news(db: &mut Db, id: &OrderId, known: Option<&Order>, change: &Change) -> Result<bool, StoreError> {
    let status = match known {
        Some(order) => Some(order.status),
        None => status(db, id).await?,
    };
    let of_it = |domain: &&Domain| domain.order.as_ref() == Some(id);
    let mut rows = change.domains.update.iter().chain(&change.domains.insert).filter(of_it);
    let all_open = rows.all(|domain| domain.status.class() == Class::Open);
    Ok(match status {
        Some(OrderStatus::InProgress) => !all_open,
        Some(OrderStatus::ActionRequired) => !all_open || domains::tally(db, id).await?.asking == 0,
        _ => false,
    })
}

async fn status(db: &mut Db, id: &OrderId) -> Result<Option<OrderStatus>, StoreError> {
    let row = db.one("SELECT status FROM orders WHERE id = $1", args![id]).await?;
    row.map(|row| Cells::new("orders", &row).named(OrderStatus::parse)).transpose()
}

async fn tell(tx: &mut Tx, mut order: Order, change: &mut Change, ids: &Ids, now: Time) -> Result<(), Halt> {
    let Some(status) = status_change(&order, domains::tally(tx, &order.id).await?) else { return Ok(()) };
    let offset = partners::clock_of(tx, &order.partner, &order.world).await?;
    let domains = domains::of_order(tx, &order.id).await?;
    let mut sums = ledger::sums_of_order(tx, &order.id).await?;
    sums.extend(change.lines.iter().filter(|line| line.order == order.id).map(Sum::from));
    let asked = if status == OrderStatus::ActionRequired { asked(tx, &order, change).await? } else { None };
    let standing = Standing { domains: &domains, sums: &sums, asked: asked.as_ref() };
    change.events.extend(change_status(&mut order, status, &standing, Now { server: now, offset }, ids));
    change.orders.update.retain(|other| other.id != order.id);
    change.orders.update.push(order);
    Ok(())
}

/// What an order waits for: what is asked just now, or else what was asked first of that which stays open.
async fn asked(db: &mut Db, order: &Order, change: &Change) -> Result<Option<Action>, StoreError> {
    let now = change.actions.insert.iter().find(|action| action.order.as_ref() == Some(&order.id));
    if let Some(action) = now {
        return Ok(Some(action.clone()));
    }
    // None of them is written yet.
    let closing: Vec<_> = change.actions.update.iter().filter(|action| !action.open).collect();
    let few = closing.len() + 1;
    let open = actions::first_of_order(db, order, few).await?;
    Ok(open.into_iter().find(|action| !closing.iter().any(|closed| closed.id == action.id)))
}
