//! Further terms at a vendor that only renews by itself: it is switched on to buy one, and off when nothing may be bought.

use doubles::Fault;
use model::clock::{DAY, HOUR};
use model::pause::Reach;

use super::edge::Edge;
use super::operator;
use super::stage::body;

const NAME: &str = "acme-own.com";

/// A name that the vendor has sold, a day before it is renewed.
async fn bought() -> Edge {
    let edge = Edge::new().await;
    edge.rig.place(&body(&[NAME])).await;
    edge.rig.settle_all().await;
    assert_eq!(edge.double.ledger().len(), 1);
    edge.rig.advance(334 * DAY).await;
    assert!(!edge.double.renews_by_itself(NAME), "not before it is due");
    edge
}

/// The vendor is switched on for a term, and nobody hears that it was.
async fn switched_on_unheard(edge: &Edge) {
    edge.double.server.fail("PATCH", NAME, Fault::ReplyLost);
    edge.rig.advance(DAY).await;
    assert_eq!((edge.double.server.faults_left(), edge.double.renews_by_itself(NAME)), (0, true));
}

#[tokio::test]
async fn what_was_switched_on_unheard_is_off_again_once_the_term_shows() {
    let edge = bought().await;
    switched_on_unheard(&edge).await;
    edge.rig.advance(HOUR).await;
    assert_eq!(edge.double.ledger().len(), 2, "the vendor has renewed it");
    assert!(!edge.double.renews_by_itself(NAME), "the next term would be bought past the caps");
}

#[tokio::test]
async fn what_was_switched_on_unheard_is_off_while_renewals_are_paused() {
    let edge = bought().await;
    // It is switched on, and does not renew yet.
    edge.double.charge(false);
    switched_on_unheard(&edge).await;
    operator(&edge.rig).pause(Reach::All, true).await.unwrap();
    edge.rig.advance(HOUR).await;
    assert!(!edge.double.renews_by_itself(NAME), "the vendor would renew although nothing may be bought");
    edge.double.charge(true);
    edge.rig.advance(DAY).await;
    assert_eq!(edge.double.ledger().len(), 1, "nothing is bought while renewals are paused");
}
