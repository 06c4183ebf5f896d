//! What the account was charged.

use serde_json::{Value, json};

use super::{Estate, no, paged, registry::shown};
use crate::server::{Asked, Said};

#[derive(Clone, Debug)]
pub(super) struct Charge {
    name: String,
    /// `registration`, `renewal` or `restore`.
    what: &'static str,
    cents: i64,
    at: i64,
}

impl Estate {
    pub(super) fn charge(&mut self, name: &str, what: &'static str, cents: i64) {
        self.charges.push(Charge { name: name.into(), what, cents, at: self.now });
    }

    pub(super) fn charged(&self, asked: &Asked) -> Said {
        if self.hides_billing {
            return no(403, "Permission Denied. Required Scope: billing:*:read");
        }
        let plan = json!({
            "invoiced_at": shown(self.now), "total_amount": "50.00", "balance_amount": "0.00", "reference": "0-1",
            "state": "collected", "items": [{
                "description": "Teams, monthly", "amount": "50.00", "product_id": null, "product_type": "manual",
                "product_reference": null,
            }],
        });
        let names = self.charges.iter().enumerate().map(|(n, charge)| charge.described(n + 1));
        paged(&[plan].into_iter().chain(names).collect::<Vec<_>>(), asked)
    }
}

impl Charge {
    fn described(&self, number: usize) -> Value {
        let amount = format!("{}.{:02}", self.cents / 100, self.cents % 100);
        json!({
            "invoiced_at": shown(self.at), "total_amount": amount, "balance_amount": "0.00",
            "reference": format!("{number}-2"), "state": "collected", "items": [{
                "description": format!("Domain {} {}", self.what, self.name), "amount": amount, "product_id": number,
                "product_type": format!("domain-{}", self.what), "product_reference": self.name,
            }],
        })
    }
}
