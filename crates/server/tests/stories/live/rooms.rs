//! Several mail tenants: where customers' domains go, and what comes of those for which none has room.

use std::sync::Arc;

use doubles::graph::{self, Graph};
use model::clock::{DAY, MINUTE};
use model::world::World;
use serde_json::{Value, json};
use store::domains;
use tempfile::TempDir;

use super::stage::Live;
use crate::support::{NOW, Rig, order_body};

const TENANT: &str = r#"
[accounts.NAME]
kind = "microsoft"
base_url = "BASE"
tenant = "TENANT"
client = "CLIENT"
secret = { file = "FOLDER/graph" }
usage_location = "US"
licence = "EXCHANGESTANDARD"
most_users = 50
"#;

/// Two tenants, each with room for two domains of 25 users.
struct Rooms {
    live: Live,
    _tenants: [Arc<Graph>; 2],
    _secrets: TempDir,
}

impl Rooms {
    async fn new(customers: &str) -> Self {
        let (tenants, secrets, text) = Self::vendors(customers).await;
        let live = Live::with(|usual| usual.replace("[live]\n", &text)).await;
        Self { live, _tenants: tenants, _secrets: secrets }
    }

    async fn postgres(customers: &str) -> Option<Self> {
        let (tenants, secrets, text) = Self::vendors(customers).await;
        let live = Live::postgres_with(|usual| usual.replace("[live]\n", &text)).await?;
        Some(Self { live, _tenants: tenants, _secrets: secrets })
    }

    async fn vendors(customers: &str) -> ([Arc<Graph>; 2], TempDir, String) {
        let tenants = [Arc::new(Graph::new(NOW.seconds()).await), Arc::new(Graph::new(NOW.seconds()).await)];
        let secrets = tempfile::tempdir().unwrap();
        std::fs::write(secrets.path().join("graph"), graph::SECRET).unwrap();
        let account = |(name, tenant): (&str, &Arc<Graph>)| {
            TENANT
                .replace("NAME", name)
                .replace("BASE", &tenant.server.base())
                .replace("TENANT", graph::TENANT)
                .replace("CLIENT", graph::CLIENT)
                .replace("FOLDER", &secrets.path().display().to_string())
        };
        let accounts: String = ["one", "two"].into_iter().zip(&tenants).map(account).collect();
        let live = format!("[live]\nmail = [\"one\", \"two\"]\ncustomers = \"{customers}\"\n");
        (tenants, secrets, format!("{accounts}{live}"))
    }

    /// Orders a domain of 25 users for a customer.
    async fn place(&self, name: &str, user: &str) -> String {
        let mut body = order_body(&[name]);
        body["user"] = json!(user);
        (body["google_licenses"], body["microsoft_licenses"]) = (json!(0), json!(1));
        body["domains"] = json!([{ "domain": name, "provider": "microsoft" }]);
        self.live.rig.place(&body).await
    }

    /// Which tenant each name is given, by name.
    async fn given(&self) -> Vec<(String, Option<String>)> {
        let mut db = self.live.rig.wired.store.read().await.unwrap();
        let mut all = domains::living(&mut db, &World::live()).await.unwrap();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all.into_iter().map(|one| (one.name.to_string(), one.accounts.mail)).collect()
    }

    async fn asked(&self) -> Vec<Value> {
        let open = self.live.rig.call("GET", "/orders/pending", None).await.body;
        open["data"].as_array().unwrap().clone()
    }
}

async fn worked_off(rig: &Rig) {
    for _ in 0..4 {
        rig.work_off().await;
        rig.advance(MINUTE).await;
    }
}

#[tokio::test]
async fn the_domains_of_a_customer_go_together_or_apart_as_the_operator_says() {
    for (customers, expected) in [("together", ["one", "one", "two"]), ("apart", ["one", "two", "one"])] {
        let rooms = Rooms::new(customers).await;
        for (name, user) in [("a.com", "alex@acme.com"), ("b.com", "alex@acme.com"), ("c.com", "kim@other.com")] {
            rooms.place(name, user).await;
            worked_off(&rooms.live.rig).await;
        }
        let given: Vec<_> = rooms.given().await.into_iter().map(|(_, account)| account.unwrap()).collect();
        assert_eq!(given, expected, "{customers}");
    }
}

#[tokio::test]
async fn where_no_tenant_has_room_a_domain_waits_and_goes_on_by_itself() {
    let rooms = Rooms::new("any").await;
    let mut first = String::new();
    for (n, name) in ["a.com", "b.com", "c.com", "d.com"].into_iter().enumerate() {
        let id = rooms.place(name, "alex@acme.com").await;
        first = if n == 0 { id } else { first };
    }
    worked_off(&rooms.live.rig).await;
    rooms.place("late.com", "alex@acme.com").await;
    worked_off(&rooms.live.rig).await;
    let asked = rooms.asked().await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((&asked[0]["domain"], &asked[0]["reason"]), (&json!("late.com"), &json!("licence_capacity")));
    assert_ne!(rooms.live.bought("late.com"), (0, 0), "the name is theirs meanwhile: room can be made, names are lost");
    let cancelled = rooms.live.rig.call("POST", &format!("/orders/{first}/cancel"), Some(&json!({}))).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    rooms.live.rig.advance(40 * DAY).await;
    worked_off(&rooms.live.rig).await;
    rooms.live.rig.advance(15 * MINUTE).await;
    worked_off(&rooms.live.rig).await;
    let given = rooms.given().await;
    let late = given.iter().find(|(name, _)| name == "late.com").unwrap();
    assert!(late.1.is_some(), "{given:?}");
    assert!(rooms.asked().await.iter().all(|one| one["domain"] != "late.com"), "nobody had to say anything");
}

#[tokio::test]
async fn processes_that_give_at_once_give_no_tenant_more_than_it_may_have() {
    let Some(rooms) = Rooms::postgres("any").await else { return };
    for n in 0..8 {
        rooms.place(&format!("name-{n}.com"), "alex@acme.com").await;
    }
    let others = [rooms.live.another(None).await, rooms.live.another(None).await];
    tokio::join!(rooms.live.rig.work_off(), others[0].work_off(), others[1].work_off());
    worked_off(&rooms.live.rig).await;
    let given = rooms.given().await;
    let at = |account: Option<&str>| given.iter().filter(|(_, mail)| mail.as_deref() == account).count();
    assert_eq!((at(Some("one")), at(Some("two")), at(None)), (2, 2, 4), "{given:?}");
}
