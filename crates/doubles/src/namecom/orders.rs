//! Orders, and who of the account has to be verified still.

use serde_json::{Value, json};

use super::names::paged;
use super::{Estate, dollars, shown, yes};
use crate::server::{Asked, Said};

#[derive(Clone, Debug)]
pub(super) struct Order {
    id: i64,
    name: String,
    rtype: &'static str,
    years: i64,
    cents: i64,
    at: i64,
    /// `success`, `failed`, or `started` while nobody knows.
    status: &'static str,
}

impl Order {
    /// It has come to an end, unless it had before.
    pub(super) fn end(&mut self, status: &'static str) {
        if self.status == "started" {
            self.status = status;
        }
    }

    fn described(&self) -> Value {
        json!({
            "id": self.id, "status": self.status, "createDate": shown(self.at), "currency": "USD",
            "finalAmount": dollars(self.cents), "authAmount": dollars(self.cents),
            "orderItems": [{
                "id": self.id * 10, "name": self.name, "type": self.rtype, "status": self.status, "quantity": 1,
                "duration": self.years, "interval": "year", "price": dollars(self.cents),
                "originalPrice": dollars(self.cents), "taxAmount": 0, "isRefundable": true,
                "tld": self.name.rsplit_once('.').map(|(_, tld)| tld),
            }],
        })
    }
}

impl Estate {
    /// Takes the money and writes the order down; answers its number.
    pub(super) fn ordered(&mut self, name: &str, rtype: &'static str, years: i64, cents: i64) -> i64 {
        let id = 1_000 + self.draw();
        self.balance -= cents;
        let status = if self.slow { "started" } else { "success" };
        self.orders.push(Order { id, name: name.into(), rtype, years, cents, at: self.now, status });
        id
    }

    pub(super) fn listed_orders(&self, asked: &Asked) -> Said {
        let is_wanted = |order: &&Order| {
            asked.parameter("domainName").is_none_or(|name| name == order.name)
                && asked.parameter("type").is_none_or(|rtype| rtype == order.rtype)
        };
        let mut all: Vec<_> = self.orders.iter().filter(is_wanted).map(Order::described).collect();
        if asked.parameter("dir") == Some("desc") {
            all.reverse();
        }
        paged("orders", all, asked, 500)
    }

    pub(super) fn unverified(&self) -> Said {
        let contact = |(name, until): &(String, i64)| {
            json!({
                "verificationId": 4_897, "createDate": shown(self.now), "verifyBy": shown(*until),
                "email": "owner@example.com", "domains": [name],
            })
        };
        let all: Vec<_> = self.unverified.iter().map(contact).collect();
        let count = all.len();
        yes(json!({
            "unverifiedContacts": all, "from": 1, "to": count, "lastPage": 1, "nextPage": null, "totalCount": count,
        }))
    }
}
