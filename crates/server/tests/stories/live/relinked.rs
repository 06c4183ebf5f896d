//! An inbox that the watch links anew in the very moment in which its domain leaves its order: nothing of it is left.

use std::sync::Arc;

use doubles::Gate;
use model::clock::{Clock as _, DAY, MINUTE, SECOND};
use model::domain::DomainStatus;
use model::run::{Run, RunKind};
use model::task::Lane;
use model::world::World;
use serde_json::json;
use store::{domains, runs};
use tokio::task::JoinHandle;

use super::tenants::{GOOGLE, Tenants};
use super::vendors_zones::KEY;

impl Tenants {
    /// An order of one domain, which works.
    async fn one_works(&self) -> String {
        let mut body = Self::body("smartlead");
        body["domains"] = json!([{ "domain": GOOGLE, "provider": "google" }]);
        (body["google_licenses"], body["microsoft_licenses"]) = (json!(2), json!(0));
        let id = self.live.rig.place(&body).await;
        self.pass().await;
        self.let_in(&id, GOOGLE).await;
        self.pass().await;
        let key = self.asked(GOOGLE).await.expect("the key");
        self.resolve(&key, &json!({ "dkim_record": { "name": "google._domainkey", "value": KEY } })).await;
        self.pass().await;
        assert_eq!(self.live.rig.order(&id).await["status"], "completed");
        id
    }

    /// The watch of the domain, which leaves as soon as its timer is worked off, saves an inbox anew: the request waits at the vendor.
    async fn caught(&self, id: &str) -> (Arc<Gate>, JoinHandle<usize>) {
        let cancelled = self.live.rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.body);
        // Nobody has worked for long: the look that finds what is wrong and the end of the period come together.
        self.live.rig.clock.advance(32 * DAY);
        self.pass_to_now();
        let lost = self.inboxes(id).await[0]["email"].as_str().unwrap().to_owned();
        self.smartlead.delete_by_hand(&lost);
        let gate = self.smartlead.server.hold("POST", "/save");
        let watching = self.live.another(None).await;
        let looking = tokio::spawn(async move { watching.wired.engine.work_due(Lane::Step).await.unwrap() });
        gate.came().await;
        (gate, looking)
    }

    fn pass_to_now(&self) {
        let now = self.live.rig.clock.now().seconds();
        self.google.pass_to(now);
        self.graph.pass_to(now);
        self.smartlead.reach(now);
    }

    /// Works off what is due until no account is left at the sequencer.
    async fn unlinks_all(&self) {
        for _ in 0..20 {
            self.live.rig.work_off().await;
            if self.smartlead.addresses().is_empty() {
                return;
            }
            self.live.rig.clock.advance(SECOND / 2);
            self.pass_to_now();
        }
        panic!("{:?} stay", self.smartlead.addresses());
    }

    /// The status of the domain, and its runs of a kind.
    async fn runs(&self, id: &str, kind: RunKind) -> (DomainStatus, Vec<Run>) {
        let mut db = self.live.rig.wired.store.read().await.unwrap();
        let of_order = domains::of_order(&mut db, &model::id::Id::opaque(id)).await.unwrap();
        assert!(of_order[0].world == World::live());
        let all = runs::of_domain(&mut db, &of_order[0].id).await.unwrap();
        (of_order[0].status, all.into_iter().filter(|run| run.kind == kind).collect())
    }

    /// Time passes until the domain has left, and what was late is looked for.
    async fn nothing_is_left(&self, id: &str) {
        for _ in 0..3 {
            self.pass_to_now();
            self.pass().await;
        }
        assert_eq!(self.runs(id, RunKind::Watch).await.0, DomainStatus::Released);
        assert_eq!(self.smartlead.addresses(), [] as [String; 0], "nobody would ever find it again");
        assert!(self.runs(id, RunKind::LookBack).await.1.iter().all(|run| run.finished_at.is_some()));
    }
}

#[tokio::test]
async fn a_link_that_is_made_while_its_domain_leaves_is_taken_back() {
    let tenants = Tenants::new().await;
    let id = tenants.one_works().await;
    let (gate, looking) = tenants.caught(&id).await;
    tenants.unlinks_all().await;
    gate.open();
    looking.await.unwrap();
    assert_eq!(tenants.smartlead.addresses().len(), 1, "the vendor has done what it was asked before");
    let (status, watch) = tenants.runs(&id, RunKind::Watch).await;
    assert!(matches!(status, DomainStatus::Releasing | DomainStatus::Released), "{status:?}");
    assert!(watch[0].memory.mended.is_some(), "its work counts: nobody else has taken it over");
    tenants.nothing_is_left(&id).await;
}

/// The same, where whoever links stands still for so long that others have the work.
#[tokio::test]
async fn so_is_one_that_is_made_by_somebody_whose_work_is_anothers_by_then() {
    let tenants = Tenants::new().await;
    let id = tenants.one_works().await;
    let (gate, looking) = tenants.caught(&id).await;
    tenants.unlinks_all().await;
    tenants.live.rig.advance(MINUTE).await;
    gate.open();
    looking.await.unwrap();
    assert_eq!(tenants.smartlead.addresses().len(), 1);
    let (_, watch) = tenants.runs(&id, RunKind::Watch).await;
    assert!(watch[0].memory.mended.is_none(), "it was told too late");
    tenants.nothing_is_left(&id).await;
}
