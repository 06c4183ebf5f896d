//! Names that ran out before they were renewed: for some weeks that does not matter, then it costs a fee that nobody has agreed to,
//! and at last they are gone.

use model::clock::{DAY, HOUR};
use model::id::{Id as _, OrderId};
use model::pause::Reach;
use model::role::Role;
use model::run::RunKind;
use serde_json::Value;

use super::operator;
use super::stage::Live;

const NAME: &str = "acme-lapsed.com";

/// A name that the second registrar has sold, and that ran out ten days ago because the operator had stopped everything.
async fn ran_out() -> Live {
    let live = Live::new().await;
    live.namecom.hold_name(NAME);
    live.place(&[NAME]).await;
    live.rig.settle_all().await;
    operator(&live.rig).pause(Reach::Role(Role::Registrar), true).await.unwrap();
    live.rig.advance(375 * DAY).await;
    assert_eq!(paid(&live), ["registered"]);
    live
}

async fn resume(live: &Live) {
    operator(&live.rig).resume(Reach::Role(Role::Registrar)).await.unwrap();
    live.rig.advance(HOUR).await;
}

/// What was paid for the name.
fn paid(live: &Live) -> Vec<&'static str> {
    live.dnsimple.ledger().iter().filter(|one| one.name == NAME).map(|one| one.what).collect()
}

/// What the renewal says of itself.
async fn told(live: &Live) -> String {
    let orders = live.rig.call("GET", "/orders", None).await.body;
    let order = OrderId::opaque(orders["data"][0]["id"].as_str().unwrap());
    let runs = store::runs::of_order(&mut live.rig.wired.store.read().await.unwrap(), &order).await.unwrap();
    let renewal = runs.iter().rfind(|run| run.kind == RunKind::Renew).unwrap();
    renewal.steps[0].trouble.clone().unwrap_or_default()
}

async fn expires(live: &Live) -> Value {
    live.rig.call("GET", "/domains", None).await.body["data"][0]["expires_at"].clone()
}

#[tokio::test]
async fn a_name_that_ran_out_a_short_while_ago_is_renewed() {
    let live = ran_out().await;
    live.registry.says(NAME, &["auto renew period", "client transfer prohibited"]);
    resume(&live).await;
    assert_eq!(paid(&live), ["registered", "renewed"]);
}

#[tokio::test]
async fn a_name_that_can_only_be_restored_is_the_operators_to_restore() {
    let live = ran_out().await;
    live.registry.says(NAME, &["pending delete", "redemption period"]);
    let before = expires(&live).await;
    resume(&live).await;
    assert_eq!(paid(&live), ["registered"], "no fee is paid in silence");
    assert!(told(&live).await.contains("can only be restored, which costs 200.00 USD"), "{}", told(&live).await);
    live.dnsimple.restore(NAME);
    live.registry.says(NAME, &["active"]);
    live.rig.advance(HOUR).await;
    assert_eq!(paid(&live), ["registered", "restored"], "and no second year");
    assert_ne!(expires(&live).await, before, "it goes on by itself");
}

#[tokio::test]
async fn a_name_that_is_gone_is_said_to_be_gone() {
    for is_deleted in [true, false] {
        let live = ran_out().await;
        match is_deleted {
            true => live.registry.says(NAME, &["pending delete"]),
            false => live.dnsimple.lose(NAME),
        }
        resume(&live).await;
        assert_eq!(paid(&live), ["registered"]);
        let words =
            if is_deleted { "its registry is about to delete it" } else { "does not have acme-lapsed.com any more" };
        assert!(told(&live).await.contains(words), "{}", told(&live).await);
    }
}
