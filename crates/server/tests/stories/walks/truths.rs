//! What must be true at any moment, and whenever nothing is being done.

use std::collections::BTreeMap;

use model::clock::Clock as _;
use model::id::{Id as _, OrderId};
use model::order::status_of;
use providers::all::sim::Effect;
use serde_json::Value;
use store::{domains, runs};

use super::Walk;

/// Statuses of domains that an order no longer has.
const LEFT: &[&str] = &["failed", "released", "available"];

/// Statuses of domains that are being made.
const MADE: &[&str] = &["pending", "registering", "configuring", "provisioning", "connecting"];

impl Walk {
    /// Everything that is not true now.
    pub(super) async fn untruths(&mut self) -> Vec<String> {
        let mut faults = self.always_untrue().await;
        if self.rig.next_due().await.is_none() {
            self.nobody_is_stuck(&mut faults).await;
            self.answers_were_not_in_vain(&mut faults).await;
            self.inboxes_are_those_that_there_are(&mut faults).await;
            self.what_was_told_last_is_true(&mut faults).await;
        }
        faults
    }

    /// What is not true now of what is always true, whoever the providers are.
    pub(crate) async fn always_untrue(&mut self) -> Vec<String> {
        let mut faults = vec![];
        self.questions_have_statuses(&mut faults).await;
        self.orders_are_what_their_domains_make_of_them(&mut faults).await;
        faults
    }

    /// What is not true, when nothing is left to do, of what is true then, whoever the providers are.
    pub(crate) async fn untrue_at_rest(&mut self) -> Vec<String> {
        let mut faults = vec![];
        self.nobody_is_stuck(&mut faults).await;
        self.what_was_told_last_is_true(&mut faults).await;
        faults
    }

    /// A domain that asks has an open action, and what is asked is about a domain that there is. One that works may
    /// ask without standing still.
    async fn questions_have_statuses(&mut self, faults: &mut Vec<String>) {
        let actions = self.all("/orders/pending?per_page=100").await;
        for action in &actions {
            let path = format!("/domains/{}", action["domain_id"].as_str().unwrap());
            let status = self.rig.call("GET", &path, None).await.body["data"]["status"].clone();
            if !["action_required", "active", "releasing"].contains(&status.as_str().unwrap_or_default()) {
                faults.push(format!("nobody asks, it is {status}: {action}"));
            }
        }
        for domain in self.all("/domains?status=action_required&per_page=100").await {
            if !actions.iter().any(|action| action["domain_id"] == domain["id"]) {
                faults.push(format!("there is no action: {domain}"));
            }
        }
    }

    /// An order that is under way is called what its domains make of it, and waits only for what is open.
    async fn orders_are_what_their_domains_make_of_them(&mut self, faults: &mut Vec<String>) {
        let actions = self.all("/orders/pending?per_page=100").await;
        for order in self.all("/orders?per_page=100").await {
            let status = order["status"].as_str().unwrap();
            if !["in_progress", "action_required"].contains(&status) {
                continue;
            }
            let id = OrderId::opaque(order["id"].as_str().unwrap());
            let tally = domains::tally(&mut self.rig.wired.store.read().await.unwrap(), &id).await.unwrap();
            let is_open = actions.iter().any(|action| action["order_id"] == order["id"]);
            if status != status_of(tally).as_str() || (status == "action_required" && !is_open) {
                faults.push(format!("{tally:?}, something open: {is_open}: {order}"));
            }
        }
    }

    /// What was given up or replaced never works; what was so before it was bought is never bought.
    pub(super) async fn answers_were_not_in_vain(&mut self, faults: &mut Vec<String>) {
        let ledger = self.rig.wired.sim.ledger(None).await.unwrap();
        let mut db = self.rig.wired.store.read().await.unwrap();
        for (id, is_bought) in &self.abandoned {
            let domain = domains::load(&mut db, id).await.unwrap().unwrap();
            if domain.connected_at.is_some() {
                faults.push(format!("it works, and was given up: {domain:?}"));
            }
            let runs = runs::of_domain(&mut db, id).await.unwrap();
            let by_it = |one: &&Effect| runs.iter().any(|run| one.reference.starts_with(run.id.as_str()));
            let bought = ledger.iter().filter(|one| one.effect == "registered").find(by_it);
            if let Some(bought) = bought.filter(|_| !is_bought) {
                faults.push(format!("it was bought after it was given up: {bought:?}"));
            }
        }
    }

    async fn nobody_is_stuck(&mut self, faults: &mut Vec<String>) {
        for order in self.all("/orders?per_page=100").await {
            let order = self.rig.order(order["id"].as_str().unwrap()).await;
            let status = order["status"].as_str().unwrap();
            let domains = order["domains"].as_array().unwrap();
            let stay = domains.iter().filter(|domain| !LEFT.contains(&domain["status"].as_str().unwrap()));
            let count = stay.filter(|domain| domain["status"] != "retiring").count() as i64;
            let is_made = |domain: &Value| MADE.contains(&domain["status"].as_str().unwrap());
            let waits = domains.iter().any(is_made) && self.waits_for_its_time(&order).await;
            let counts = !waits && !["cancel_scheduled", "cancelled"].contains(&status);
            let wrong = counts && order["domain_count"].as_i64() != Some(count);
            let stands = status == "action_required" || (status == "in_progress" && !waits);
            if wrong || stands {
                faults.push(format!("the order stands still: {order:#}"));
            }
        }
    }

    /// Whether every domain that is being made waits for a time that a provider has named, and that has not come.
    async fn waits_for_its_time(&self, order: &Value) -> bool {
        let path = format!("/orders/{}/timeline", order["id"].as_str().unwrap());
        let timeline = self.rig.call("GET", &path, None).await.body["data"].clone();
        let now = self.rig.clock.now().to_string();
        let waits = |run: &Value| {
            let steps = run["steps"].as_array().unwrap();
            steps.iter().any(|step| step["state"] == "waiting" && step["next_try_at"].as_str() > Some(&now))
        };
        let open = |domain: &&Value| MADE.contains(&domain["status"].as_str().unwrap());
        let domains = timeline["domains"].as_array().unwrap();
        domains.iter().filter(open).all(|domain| domain["runs"].as_array().unwrap().iter().any(waits))
    }

    /// The sandbox has the mailboxes and accounts that we show, and no others but those of a domain that was stopped
    /// before it worked: they go with it.
    async fn inboxes_are_those_that_there_are(&mut self, faults: &mut Vec<String>) {
        let mut shown: BTreeMap<String, i64> = BTreeMap::new();
        for domain in self.all("/domains?per_page=100").await {
            let path = format!("/inboxes?domain_id={}&per_page=100", domain["id"].as_str().unwrap());
            let count = self.all(&path).await.len() as i64;
            let stopped = domain["status"] == "releasing";
            shown.insert(domain["domain"].as_str().unwrap().to_owned(), if stopped { i64::MAX } else { count });
        }
        for ((name, what), count) in self.balances().await {
            let wanted = shown.get(&name).copied().unwrap_or(0);
            if ["mailboxes", "accounts"].contains(&what) && count != wanted && wanted != i64::MAX {
                faults.push(format!("{name}: {count} {what}, and {wanted} are shown"));
            }
        }
    }

    /// The last event about an order or a swap says what it is now.
    async fn what_was_told_last_is_true(&mut self, faults: &mut Vec<String>) {
        let mut told: BTreeMap<String, Value> = BTreeMap::new();
        for event in self.rig.events().await {
            let kind = event["type"].as_str().unwrap();
            if kind.starts_with("order.") || kind.starts_with("swap.") {
                told.insert(event["data"]["id"].as_str().unwrap().to_owned(), event["data"].clone());
            }
        }
        for list in ["/orders", "/swaps"] {
            for row in self.all(&format!("{list}?per_page=100")).await {
                let last = told.get(row["id"].as_str().unwrap()).map(|data| &data["status"]);
                if last != Some(&row["status"]) {
                    faults.push(format!("{last:?} was told last of {row}"));
                }
            }
        }
    }

    /// What the sandbox has made, less what it has taken away, by domain.
    pub(super) async fn balances(&self) -> BTreeMap<(String, &'static str), i64> {
        let mut balances = BTreeMap::new();
        for one in self.rig.wired.sim.ledger(None).await.unwrap() {
            let (what, by) = match one.effect.as_str() {
                "registered" => ("registrations", 1),
                "mailbox_created" => ("mailboxes", 1),
                "mailbox_deleted" => ("mailboxes", -1),
                "account_linked" => ("accounts", 1),
                "account_unlinked" => ("accounts", -1),
                "domain_opened" => ("mail domains", 1),
                "domain_closed" => ("mail domains", -1),
                "zone_created" => ("zones", 1),
                "zone_removed" => ("zones", -1),
                _ => continue,
            };
            let name = one.subject.rsplit('@').next().unwrap_or_default().to_owned();
            *balances.entry((name, what)).or_default() += by;
        }
        balances
    }
}
