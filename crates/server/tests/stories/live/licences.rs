//! Licences of mail tenants: a domain goes where there are enough for its users, and waits where there are none.

use model::clock::MINUTE;
use model::world::World;
use serde_json::{Value, json};
use store::domains;

use super::houses::Houses;
use super::stage::Live;
use crate::support::order_body;

/// Two tenants at Microsoft, and how many licences each has; a domain has two users.
struct Licensed {
    live: Live,
    houses: Houses,
}

impl Licensed {
    async fn new(licences: [usize; 2]) -> Self {
        let houses = Houses::new(2).await;
        houses.smartlead.raise_limits();
        for (tenant, count) in houses.graph.iter().zip(licences) {
            tenant.limit_seats(count);
        }
        let live = houses.live(|text| format!("[sizing]\nmicrosoft_inboxes_per_domain = 2\n\n{text}")).await;
        Self { live, houses }
    }

    async fn place(&self, names: &[&str]) -> String {
        let mut body = order_body(names);
        (body["google_licenses"], body["microsoft_licenses"]) = (json!(0), json!(names.len()));
        body["sequencer"] = json!({ "provider": "smartlead", "api_key": doubles::smartlead::API_KEY });
        self.live.rig.place(&body).await
    }

    async fn pass(&self, minutes: usize) {
        for _ in 0..minutes {
            self.live.rig.advance(MINUTE).await;
        }
    }

    /// Which tenant each name is given, by name.
    async fn given(&self) -> Vec<(String, Option<String>)> {
        let mut db = self.live.rig.wired.store.read().await.unwrap();
        let mut all = domains::living(&mut db, &World::live()).await.unwrap();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all.into_iter().map(|one| (one.name.to_string(), one.accounts.mail)).collect()
    }

    /// Everything that is asked, as domain and reason, by domain.
    async fn asked(&self) -> Vec<(String, String)> {
        let open = self.live.rig.call("GET", "/orders/pending", None).await.body["data"].clone();
        let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
        let mut all: Vec<_> =
            open.as_array().unwrap().iter().map(|one| (text(one, "domain"), text(one, "reason"))).collect();
        all.sort();
        all
    }

    /// How many users each tenant has.
    fn users(&self) -> [usize; 2] {
        [0, 1].map(|tenant| self.houses.graph[tenant].addresses().len())
    }

    /// How often a tenant was asked what it has licences for, before any user was made there.
    fn looks(&self, tenant: usize) -> usize {
        let asked = self.houses.graph[tenant].server.asked();
        asked.iter().filter(|one| one.path.ends_with("/subscribedSkus")).count()
    }
}

fn pair(name: &str, second: &str) -> (String, String) {
    (name.to_owned(), second.to_owned())
}

#[tokio::test]
async fn a_tenant_without_licences_is_passed_over_while_another_has_some() {
    let licensed = Licensed::new([1, 1_000]).await;
    licensed.place(&["acme-1.com", "acme-2.com"]).await;
    licensed.pass(10).await;
    let second = |name: &str| (name.to_owned(), Some("office1".to_owned()));
    assert_eq!(
        licensed.given().await,
        [second("acme-1.com"), second("acme-2.com")],
        "though the first one comes first"
    );
    assert_eq!(licensed.users(), [0, 4]);
    assert!(licensed.asked().await.iter().all(|(_, reason)| reason == "inbox_access_needed"));
    assert!(licensed.looks(0) <= 3, "it is asked once in a while, and not for each domain at each step");
}

#[tokio::test]
async fn where_none_has_licences_a_domain_waits_and_goes_on_by_itself_when_some_are_bought() {
    let licensed = Licensed::new([1, 0]).await;
    licensed.place(&["acme-1.com"]).await;
    licensed.pass(10).await;
    assert_eq!(licensed.asked().await, [pair("acme-1.com", "licence_capacity")]);
    assert_eq!(licensed.given().await, [("acme-1.com".to_owned(), None)], "it may still go anywhere");
    assert_eq!(licensed.users(), [0, 0]);
    licensed.houses.graph[1].limit_seats(2);
    licensed.pass(15).await;
    assert_eq!(licensed.given().await, [("acme-1.com".to_owned(), Some("office1".to_owned()))]);
    licensed.pass(5).await;
    assert_eq!(licensed.asked().await, [pair("acme-1.com", "inbox_access_needed")]);
    assert_eq!(licensed.users(), [0, 2]);
}

#[tokio::test]
async fn of_many_orders_at_once_no_more_are_given_a_tenant_than_it_has_licences_for() {
    let licensed = Licensed::new([5, 2]).await;
    let names: Vec<_> = (1..=6).map(|number| format!("acme-{number}.com")).collect();
    for name in &names {
        licensed.place(&[name]).await;
    }
    licensed.pass(25).await;
    let given = licensed.given().await;
    let at = |account: &str| given.iter().filter(|(_, at)| at.as_deref() == Some(account)).count();
    assert_eq!((at("office0"), at("office1")), (2, 1), "{given:?}");
    assert_eq!(licensed.users(), [4, 2]);
    let waiting = licensed.asked().await.iter().filter(|(_, reason)| reason == "licence_capacity").count();
    assert_eq!(waiting, 3, "{:?}", licensed.asked().await);
}

#[tokio::test]
async fn users_who_are_made_and_not_put_down_yet_are_not_counted_twice() {
    let licensed = Licensed::new([4, 0]).await;
    // Its users have licences for hours before they have mailboxes.
    let late = doubles::graph::Lag { mailbox: 60, records: 1, users: 1 };
    licensed.houses.graph[0].be_late(late);
    licensed.place(&["acme-1.com"]).await;
    licensed.pass(20).await;
    assert_eq!(licensed.users(), [2, 0]);
    licensed.place(&["acme-2.com"]).await;
    licensed.pass(20).await;
    assert_eq!(licensed.asked().await, [], "there are as many as it takes");
    assert_eq!(licensed.users(), [4, 0]);
}

#[tokio::test]
async fn a_tenant_that_does_not_say_it_is_thought_to_have_licences() {
    let licensed = Licensed::new([0, 0]).await;
    for tenant in &licensed.houses.graph {
        for _ in 0..6 {
            tenant.say_no("GET", "/subscribedSkus", 503, "ServiceUnavailable", "Try again.");
        }
    }
    licensed.place(&["acme-1.com"]).await;
    licensed.live.rig.work_off().await;
    assert_eq!(licensed.given().await, [("acme-1.com".to_owned(), Some("office0".to_owned()))], "as before");
    licensed.pass(20).await;
    assert_eq!(licensed.asked().await, [pair("acme-1.com", "licence_capacity")], "whoever makes its users is told");
}
