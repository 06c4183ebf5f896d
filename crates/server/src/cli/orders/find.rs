//! Finding an order by what people know of it.

use model::domain::DomainName;
use model::id::{Id, OrderId};
use model::order::Order;
use store::operator::{Sought, is_erased, newest_orders};
use store::orders::Filter;

use super::{Desk, Fail, list};
use crate::cli::out;

/// How many orders are listed that also fit.
const LISTED: usize = 10;

/// The order with this id, or else the newest one with this domain, reference or customer; when several fit,
/// standard error says so and lists them.
pub(super) async fn find(desk: &Desk, text: &str) -> Result<Order, Fail> {
    let mut db = desk.store.read().await?;
    if let Some(order) = store::operator::order(&mut db, &OrderId::opaque(text)).await? {
        if is_erased(&mut db, &order).await? {
            return Err(erased(&order.id));
        }
        return Ok(order);
    }
    drop(db);
    let mut found = fitting(desk, text).await?;
    if found.len() > 1 {
        say_which(desk, text, &found).await?;
    }
    match found.is_empty() {
        true => Err(Fail::refused(format!(
            "there is no order {text}, nor one with such a domain, reference or customer; `mailwright orders list` shows the newest"
        ))),
        false => Ok(found.remove(0)),
    }
}

/// What is said of an order whose world is gone.
pub(super) fn erased(id: &OrderId) -> Fail {
    Fail::refused(format!("the order {id} was erased by a reset of the sandbox (POST /test/reset)"))
}

/// A name as rows have it.
pub(super) fn domain_name(text: &str) -> String {
    DomainName::parse(text).map_or_else(|_| text.to_lowercase(), |name| name.as_str().to_owned())
}

/// Every order that the text may mean, newest first, one more than is listed.
async fn fitting(desk: &Desk, text: &str) -> Result<Vec<Order>, Fail> {
    let by_reference =
        Sought { filter: Filter { reference: Some(text.to_owned()), ..Filter::default() }, ..Sought::default() };
    let other = if text.contains('@') {
        Sought { filter: Filter { email: Some(text.to_owned()), ..Filter::default() }, ..Sought::default() }
    } else {
        Sought { domain: Some(domain_name(text)), ..Sought::default() }
    };
    let (mut db, limit) = (desk.store.read().await?, i64::try_from(LISTED + 1).unwrap_or(i64::MAX));
    let mut found = newest_orders(&mut db, &by_reference, limit).await?;
    found.extend(newest_orders(&mut db, &other, limit).await?);
    found.sort_by(|one, other| other.id.cmp(&one.id));
    found.dedup_by(|one, other| one.id == other.id);
    Ok(found)
}

async fn say_which(desk: &Desk, text: &str, found: &[Order]) -> Result<(), Fail> {
    let count = if found.len() > LISTED { format!("more than {LISTED}") } else { found.len().to_string() };
    let newest = &found[0].id;
    out::error(&format!("{count} orders fit {text}; this is the newest, {newest}. To see another, give its id:"));
    out::error(&format!("{}\n", list::shown(desk, &found[..found.len().min(LISTED)]).await?));
    Ok(())
}
