//! What the account was charged: its orders, of which each has a price for each of its names.

use model::clock::Time;
use model::domain::DomainName;
use model::intent::IntentKind;

use super::wire::{Item, Order, Orders, cents};
use super::{Namecom, done};
use crate::roles::Charged;
use crate::trouble::Trouble;
use crate::vendor::Method;

/// As many orders as are asked for at once.
const PER_PAGE: u64 = 250;
/// As many pages of the newest orders as are looked through.
const MOST_PAGES: u64 = 100;

impl Namecom {
    /// Everything that was charged for names by orders that came to something.
    pub(super) async fn charged(&self) -> Result<Vec<Charged>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request = Self::request("list_charges", Method::Get, &["orders"]).query("dir", "desc");
            let request = request.query("perPage", PER_PAGE.to_string()).query("page", page.to_string());
            let read: Orders = done(&self.call(request).await?)?;
            all.extend(read.orders.iter().filter(|order| order.status == "success").flat_map(Order::charged));
            match read.next_page {
                Some(next) if next > page && next <= MOST_PAGES => page = next,
                _ => return Ok(all),
            }
        }
    }
}

impl Order {
    fn charged(&self) -> Vec<Charged> {
        let at = Time::parse(&self.create_date);
        let of = |item: &Item| {
            let name = DomainName::parse(item.name.as_deref()?).ok()?;
            let kind = item.rtype.as_deref().and_then(kind);
            let (cents, at) = (item.paid().filter(|cents| *cents > 0)?, at?);
            Some(Charged { name, kind, cents, at, vendor_id: self.id.to_string() })
        };
        self.order_items.iter().filter_map(of).collect()
    }
}

impl Item {
    /// What it cost, in cents, taxes included.
    pub(super) fn paid(&self) -> Option<model::money::Cents> {
        let tax = self.tax_amount.as_ref().map_or(Some(0), cents)?;
        cents(&self.price)?.checked_add(tax)
    }
}

fn kind(what: &str) -> Option<IntentKind> {
    match what {
        "registration" => Some(IntentKind::Register),
        "renewal" => Some(IntentKind::Renew),
        _ => None,
    }
}
