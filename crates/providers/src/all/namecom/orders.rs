//! What has been ordered: it tells what is under way, and what was paid when nobody heard of it.

use model::clock::{DAY, HOUR, Time};
use model::money::Cents;

use super::wire::{Order, Orders};
use super::{Namecom, done};
use crate::call::Call;
use crate::roles::Bought;
use crate::trouble::Trouble;
use crate::vendor::Method;

/// How long a name, or its new date, may take to show in the account after its order has come to an end. Nobody has said; it
/// is long enough for clocks that differ by minutes.
const SHOWS_WITHIN: i64 = HOUR;
/// How long an order of a renewal without an end is believed to have one. A name is renewed a month ahead: without an end it would be
/// lost.
const ENDS_WITHIN: i64 = 14 * DAY;
/// How old the order of a purchase may be that somebody asks about.
const RECENT: i64 = 30 * DAY;

/// What is bought.
#[derive(Clone, Copy)]
pub(super) enum What {
    Registration,
    Renewal,
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Renewal => "renewal",
        }
    }
}

impl Namecom {
    /// The orders of a name, the newest first.
    async fn orders(&self, call: &Call, what: What) -> Result<Vec<Order>, Trouble> {
        let name = call.subject.as_str();
        let request = Self::request("list_orders", Method::Get, &["orders"]).query("domainName", name);
        let request = request.query("type", what.name()).query("dir", "desc").query("perPage", "25");
        let mut orders = done::<Orders>(&self.call(request).await?)?.orders;
        // It filters by the order, which may have several names.
        orders.retain(|order| order.order_items.is_empty() || order.price(name).is_some());
        orders.sort_by_key(|order| std::cmp::Reverse(order.id));
        Ok(orders)
    }

    /// Whether a purchase may still put this name into the account. One without an end may, however old it is: whoever took it for
    /// nothing would forget a name that is paid for.
    pub(super) async fn is_under_way(&self, call: &Call) -> Result<bool, Trouble> {
        let orders = self.orders(call, What::Registration).await?;
        let may_come = |order: &Order| match order.status.as_str() {
            "failed" | "refunded" => false,
            "success" => order.age(call.now) < SHOWS_WITHIN,
            _ => true,
        };
        Ok(orders.iter().any(may_come))
    }

    /// When a renewal shows at the latest that may have been bought and does not show yet.
    pub(super) async fn renewal_shows_at(&self, call: &Call) -> Result<Option<Time>, Trouble> {
        let orders = self.orders(call, What::Renewal).await?;
        let within = |order: &Order| match order.status.as_str() {
            "failed" | "refunded" => None,
            "success" if order.age(call.now) >= SHOWS_WITHIN => None,
            "success" => Some(call.now.plus(SHOWS_WITHIN - order.age(call.now))),
            _ if order.age(call.now) >= ENDS_WITHIN => None,
            _ => Some(call.now.plus(SHOWS_WITHIN)),
        };
        Ok(orders.iter().filter_map(within).max())
    }

    /// A name of ours with what was paid for it, as far as that can be told.
    pub(super) async fn with_its_order(&self, call: &Call, expires: Time) -> Bought {
        let orders = self.orders(call, What::Registration).await.unwrap_or_default();
        let is_it = |order: &&Order| order.status == "success" && order.age(call.now) < RECENT;
        match orders.iter().find(is_it) {
            Some(order) => Bought {
                vendor_id: Some(order.id.to_string()),
                paid_cents: order.price(call.subject.as_str()),
                ..Bought::until(expires)
            },
            None => Bought::until(expires),
        }
    }
}

impl Order {
    /// How old it is, in microseconds, 0 or more. One of no age is as good as new: money may hang on it.
    fn age(&self, now: Time) -> i64 {
        Time::parse(&self.create_date).map_or(0, |at| now.0.saturating_sub(at.0).max(0))
    }

    /// What it cost for this name, in cents, taxes included.
    fn price(&self, name: &str) -> Option<Cents> {
        let item = self.order_items.iter().find(|item| item.name.as_deref() == Some(name))?;
        item.paid()
    }
}
