//! Accounts that have what the database does not know.

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
