//! Accounts that have what the database does not know, and registrants who have not confirmed their address.

use model::clock::{Clock as _, DAY};
use model::dns::RrType;
use serde_json::Value;

use super::Watched;
use crate::live::stage::Live;

#[tokio::test]
async fn names_that_lie_in_an_account_and_are_not_known_are_told_until_they_are() {
    let live = Live::new().await;
    live.place(&["acme-one.com"]).await;
    live.rig.settle_all().await;
    // Both vendors go on answering.
    let (namecom, _dnsimple, Live { rig, .. }) = (live.namecom.clone(), live.dnsimple.clone(), live);
    let mut watched = Watched::on(rig, std::sync::Arc::default()).await;
    watched.lookout.compare().await;
    assert!(!watched.look().await.contains(&"accounts_differ".to_owned()), "what we bought is known");
    namecom.hold_name("stranger.com");
    watched.lookout.compare().await;
    assert!(watched.look().await.contains(&"accounts_differ".to_owned()));
    assert!(watched.look().await.contains(&"accounts_differ".to_owned()), "until the accounts are asked again");
    namecom.server.fail_always(Some(doubles::Fault::Broken));
    watched.lookout.compare().await;
    assert!(watched.look().await.contains(&"accounts_differ".to_owned()), "one that does not answer says nothing");
    namecom.server.fail_no_more();
    namecom.lose("stranger.com");
    watched.rig.clock.advance(model::clock::HOUR);
    watched.lookout.compare().await;
    assert!(!watched.look().await.contains(&"accounts_differ".to_owned()));
}

/// The order's domain, and what is asked of it.
async fn standing(rig: &crate::support::Rig, order: &str) -> (String, Value) {
    let pending = rig.call("GET", "/orders/pending", None).await.body["data"][0]["reason"].clone();
    (rig.order(order).await["domains"][0]["status"].as_str().unwrap().to_owned(), pending)
}

#[tokio::test]
async fn a_registrant_who_has_not_answered_is_told_with_the_day_and_the_hold_is_seen_and_ends_by_itself() {
    const NAME: &str = "acme-one.com";
    const KIND: &str = "registrant_unverified";
    let live = Live::new().await;
    let order = live.place(&[NAME]).await;
    live.rig.settle_all().await;
    let (namecom, _dnsimple, registry, elsewhere) =
        (live.namecom.clone(), live.dnsimple.clone(), live.registry.clone(), live.elsewhere.clone());
    let mut watched = Watched::on(live.rig, std::sync::Arc::default()).await;
    namecom.doubt_the_contact_of(NAME);
    watched.lookout.compare().await;
    assert!(watched.look().await.contains(&KIND.to_owned()));
    let told = watched.rows(Some(true)).await.into_iter().find(|notice| notice.finding.kind.as_str() == KIND).unwrap();
    let day = watched.rig.clock.now().plus(15 * DAY).date();
    assert!(told.finding.message.contains(NAME) && told.finding.message.contains(&day), "{told:?}");
    registry.says(NAME, &["client hold"]);
    elsewhere.lock().unwrap().insert((NAME.into(), RrType::Ns), vec![]);
    elsewhere.lock().unwrap().insert((NAME.into(), RrType::Mx), vec![]);
    watched.rig.advance(2 * DAY).await;
    assert_eq!(standing(&watched.rig, &order).await, ("action_required".into(), "name_on_hold".into()));
    registry.says(NAME, &["active"]);
    elsewhere.lock().unwrap().clear();
    namecom.trust_contacts();
    watched.rig.advance(DAY).await;
    assert_eq!(standing(&watched.rig, &order).await, ("active".into(), Value::Null));
    watched.lookout.compare().await;
    assert!(!watched.look().await.contains(&KIND.to_owned()));
}
