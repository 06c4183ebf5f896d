//! What must be true in the end.

use std::collections::BTreeMap;

use model::id::{Id as _, OrderId};
use model::ledger::{Line, LineKind};
use serde_json::{Value, json};
use store::{domains, ledger};

use super::{A_MONTH, Walk};

impl Walk {
    /// Cancels whatever there is, and waits until nothing is left to do.
    pub(crate) async fn end_everything(&mut self) {
        for swap in self.all("/swaps?per_page=100").await {
            let path = format!("/swaps/{}/cancel", swap["id"].as_str().unwrap());
            self.call("POST", &path, None).await;
        }
        for order in self.all("/orders?per_page=100").await {
            let path = format!("/orders/{}/cancel", order["id"].as_str().unwrap());
            self.call("POST", &path, Some(&json!({}))).await;
        }
        for _ in 0..2 {
            self.work(2_000).await;
            self.rig.clock.advance(A_MONTH);
        }
        self.work(2_000).await;
    }

    /// Everything that is not as it must be.
    pub(super) async fn faults(&mut self) -> Vec<String> {
        let mut faults = self.untrue_in_the_end().await;
        self.answers_were_not_in_vain(&mut faults).await;
        self.providers_agree(&mut faults).await;
        self.what_was_bought_is_paid_for(&mut faults).await;
        if !faults.is_empty() {
            faults.push(self.log.join("\n"));
        }
        faults
    }

    /// What is not as it must be in the end, whoever the providers are.
    pub(crate) async fn untrue_in_the_end(&mut self) -> Vec<String> {
        let mut faults = vec![];
        self.nothing_is_left(&mut faults).await;
        self.orders_have_ended(&mut faults).await;
        faults
    }

    async fn nothing_is_left(&mut self, faults: &mut Vec<String>) {
        if let Some(due) = self.rig.next_due().await {
            faults.push(format!("work is left over, due {due}"));
        }
        for path in ["/orders/pending", "/inboxes", "/domains?category=connected"] {
            for row in self.all(path).await {
                faults.push(format!("{path} has {row}"));
            }
        }
        for swap in self.all("/swaps?per_page=100").await {
            if !["completed", "failed", "cancelled"].contains(&swap["status"].as_str().unwrap()) {
                faults.push(format!("the swap is open: {swap}"));
            }
        }
    }

    async fn orders_have_ended(&mut self, faults: &mut Vec<String>) {
        let events = self.rig.events().await;
        for order in self.all("/orders?per_page=100").await {
            let order = self.rig.order(order["id"].as_str().unwrap()).await;
            let told = |kind: &str| {
                events.iter().filter(|event| event["type"] == kind && event["data"]["id"] == order["id"]).count()
            };
            let ends = match order["status"].as_str().unwrap() {
                "cancelled" => (told("order.cancelled"), told("order.failed")) == (1, 0),
                "failed" => (told("order.cancelled"), told("order.failed")) == (0, 1),
                _ => false,
            };
            let lines = order["costs"]["line_items"].as_array().unwrap();
            let sum = lines.iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum::<i64>();
            if !ends || order["costs"]["charged_cents"] != sum || sum < 0 {
                faults.push(format!("the order has not ended well: {order:#}"));
            }
        }
    }

    /// Nothing was bought twice, and nothing that costs money is still there. The zone of an imported name stays.
    async fn providers_agree(&mut self, faults: &mut Vec<String>) {
        let inventory = self.all("/domains?category=inventory&per_page=100").await;
        for ((name, what), count) in self.balances().await {
            let is_imported = |row: &&Value| row["domain"] == name.as_str() && row["source"] == "imported";
            let most = match what {
                "registrations" => 1,
                "zones" => inventory.iter().find(is_imported).map_or(0, |_| 1),
                _ => 0,
            };
            if !(0..=most).contains(&count) {
                faults.push(format!("{name}: {what} {count}"));
            }
        }
    }

    /// Every name that was bought is paid for by one order, and no other name by any.
    async fn what_was_bought_is_paid_for(&mut self, faults: &mut Vec<String>) {
        let bought = self.balances().await;
        for (name, paid) in self.paid_for(faults).await {
            let count = bought.get(&(name.clone(), "registrations")).copied().unwrap_or(0);
            if paid != count {
                faults.push(format!("{name} was bought {count} times and paid for {paid} times"));
            }
        }
    }

    /// How often each name of an order is paid for.
    pub(crate) async fn paid_for(&self, faults: &mut Vec<String>) -> BTreeMap<String, i64> {
        let mut paid: BTreeMap<String, i64> = BTreeMap::new();
        let mut db = self.rig.wired.store.read().await.unwrap();
        for order in self.all("/orders?per_page=100").await {
            let order = OrderId::opaque(order["id"].as_str().unwrap());
            let lines = ledger::of_order(&mut db, &order).await.unwrap();
            for domain in domains::of_order(&mut db, &order).await.unwrap() {
                let of_this = || lines.iter().filter(|line| line.domain == domain.id);
                let once = |line: &&Line| line.kind == LineKind::DomainRegistration;
                let price: i64 = of_this().filter(once).map(|line| line.amount_cents).sum();
                let net: i64 = of_this().map(|line| line.amount_cents).sum();
                if !(net == 0 || net >= price) {
                    faults.push(format!("{} is paid for by halves: {lines:#?}", domain.name));
                }
                *paid.entry(domain.name.to_string()).or_default() += i64::from(price > 0 && net >= price);
            }
        }
        paid
    }
}
