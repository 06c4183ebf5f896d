//! The zone as it should be: what a step wants is in its row first, and then at whoever serves it.

use std::sync::Arc;

use async_trait::async_trait;
use model::clock::Clock as _;
use model::dns::{HostedZone, RrSet, RrType};
use model::domain::DomainName;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{DnsHost as _, Redirector};
use providers::trouble::Trouble;
use serde_json::{Value, json};
use store::zones::{self, Served};

use crate::support::{Rig, order_body};

/// Redirects addresses by records: from `www` where orders lead, from `go` where a job does.
struct ByRecords;

#[async_trait]
impl Redirector for ByRecords {
    async fn ensure_redirect(&self, call: &Call, target: &str) -> Result<Vec<RrSet>, Trouble> {
        let label = if target.ends_with("/offer") { "go" } else { "www" };
        let (name, values) = (format!("{label}.{}", call.subject), vec!["192.0.2.1".to_owned()]);
        Ok(vec![RrSet { name, rtype: RrType::A, ttl: 300, values }])
    }

    async fn ensure_no_redirect(&self, _call: &Call) -> Result<(), Trouble> {
        Ok(())
    }
}

async fn zone(rig: &Rig) -> HostedZone {
    let mut db = rig.wired.store.read().await.expect("the store can be read");
    zones::all(&mut db, &Served::Sandbox).await.expect("it is read").zones.pop().expect("a zone")
}

/// What stands at the host, in order.
async fn at_host(rig: &Rig, name: &str) -> Vec<RrSet> {
    let (world, subject) = (rig.scope().world, DomainName::stored(name));
    let call = Call {
        world,
        now: rig.clock.now(),
        reference: String::new(),
        nudges: 0,
        subject,
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    };
    sorted(rig.wired.sim.records(&call).await.expect("an answer").expect("a zone"))
}

fn sorted(mut sets: Vec<RrSet>) -> Vec<RrSet> {
    for set in &mut sets {
        set.values.sort();
    }
    sets.sort_by_key(|set| (set.name.clone(), set.rtype.as_str()));
    sets
}

fn has(sets: &[RrSet], name: &str) -> bool {
    sets.iter().any(|set| set.name == name)
}

#[tokio::test]
async fn a_changed_redirect_is_a_change_of_the_row_and_then_of_the_host() {
    let mut rig = Rig::sqlite().await;
    let cast = Cast { redirector: Player::new("sandbox", Arc::new(ByRecords)), ..rig.wired.sim.cast() };
    rig.employ(cast, None);
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    let row = zone(&rig).await;
    assert!(!row.is_behind() && has(&row.to_write(), "www.acme-one.com"), "{row:?}");
    assert_eq!(at_host(&rig, "acme-one.com").await, sorted(row.to_write()));

    let body = json!({ "domains": ["acme-one.com"], "forwarding_url": "https://acme.com/offer" });
    assert_eq!(rig.call("POST", "/domains/forwarding", Some(&body)).await.status, 202);
    rig.settle_all().await;
    let order: Value = rig.order(&id).await;
    assert_eq!(order["domains"][0]["forwarding_url"], "https://acme.com/offer");
    let changed = zone(&rig).await;
    assert!(changed.serial > row.serial && !changed.is_behind());
    let there = at_host(&rig, "acme-one.com").await;
    assert!(has(&there, "go.acme-one.com") && !has(&there, "www.acme-one.com"), "{there:?}");
    assert_eq!(there, sorted(changed.to_write()), "mail and policy stand as they stood");
}
