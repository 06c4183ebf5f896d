//! Further terms of names, at a vendor that knows no second order from the first.

use doubles::Fault;
use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{Clock as _, DAY, HOUR, Now};
use model::domain::{Domain, DomainStatus};
use model::intent::{Intent, IntentKind, IntentState};
use model::run::{Run, RunKind};
use model::task::Task;
use model::world::World;

use super::purchases;
use super::stage::Live;

const NAME: &str = "acme-late.com";

/// A name that the second registrar has sold, a day before it is renewed.
async fn bought() -> Live {
    let live = Live::new().await;
    live.namecom.hold_name(NAME);
    live.place(&[NAME]).await;
    live.rig.settle_all().await;
    assert_eq!(live.bought(NAME), (0, 1));
    live.rig.advance(334 * DAY).await;
    assert_eq!(renewed(&live), 0);
    live
}

fn renewed(live: &Live) -> usize {
    live.dnsimple.ledger().iter().filter(|one| one.what == "renewed" && one.name == NAME).count()
}

async fn renewals(live: &Live) -> Vec<Intent> {
    purchases(live).await.into_iter().filter(|one| one.kind == IntentKind::Renew).collect()
}

#[tokio::test]
async fn a_term_that_shows_days_after_it_was_paid_for_is_paid_for_once() {
    let live = bought().await;
    live.dnsimple.show_renewals_late();
    for _ in 0..60 {
        live.rig.advance(HOUR).await;
    }
    assert_eq!(renewed(&live), 1);
    assert_eq!(renewals(&live).await[0].state, IntentState::Open, "nobody knows for certain");
    live.dnsimple.finish();
    live.rig.advance(2 * HOUR).await;
    let [renewal] = &renewals(&live).await[..] else { panic!("one term, one intent") };
    assert_eq!((renewed(&live), renewal.state), (1, IntentState::Bought));
    assert!(renewal.paid_until.is_some());
}

#[tokio::test]
async fn a_term_that_may_have_been_ordered_is_looked_for_although_nobody_wants_it_any_more() {
    let live = bought().await;
    live.dnsimple.show_renewals_late();
    live.rig.advance(2 * DAY).await;
    assert_eq!(renewed(&live), 1);
    let orders = live.rig.call("GET", "/orders", None).await.body;
    let path = format!("/orders/{}/cancel", orders["data"][0]["id"].as_str().unwrap());
    assert_eq!(live.rig.call("POST", &path, None).await.status, 200);
    live.rig.advance(3 * HOUR).await;
    assert_eq!(renewals(&live).await[0].state, IntentState::Open, "it is not said that it was not bought");
    live.dnsimple.finish();
    live.rig.advance(3 * HOUR).await;
    assert_eq!(renewals(&live).await[0].state, IntentState::Bought);
}

#[tokio::test]
async fn a_term_whose_order_was_lost_on_its_way_is_ordered_again_when_it_would_have_shown() {
    let live = bought().await;
    live.dnsimple.server.fail("POST", "/renewals", Fault::RequestLost);
    live.rig.advance(2 * DAY).await;
    assert_eq!((renewed(&live), live.dnsimple.server.faults_left()), (0, 0), "it was asked for, and did not arrive");
    live.rig.advance(2 * DAY).await;
    assert_eq!(renewed(&live), 0, "it may show yet");
    live.rig.advance(DAY + 3 * HOUR).await;
    assert_eq!((renewed(&live), renewals(&live).await.len()), (1, 1));
}

#[tokio::test]
async fn a_term_that_was_certainly_not_ordered_is_ordered_as_soon_as_it_can_be() {
    let live = bought().await;
    live.dnsimple.server.fail("POST", "/renewals", Fault::TooMany(Some(60)));
    live.rig.advance(2 * DAY).await;
    assert_eq!(renewed(&live), 0);
    live.rig.advance(HOUR).await;
    assert_eq!(renewed(&live), 1);
}

async fn status(live: &Live) -> DomainStatus {
    let mut db = live.rig.wired.store.read().await.unwrap();
    let living = store::domains::living(&mut db, &World::live()).await.unwrap();
    living
        .into_iter()
        .find(|domain| domain.name.as_str() == NAME)
        .map_or(DomainStatus::Released, |domain| domain.status)
}

/// Has the name leave now, as it would long after its time, when nobody was at work.
async fn leave(live: &Live) {
    let (store, ids, now) = (&live.rig.wired.store, live.rig.wired.app.ids.clone(), live.rig.clock.now());
    let living = store::domains::living(&mut store.read().await.unwrap(), &World::live()).await.unwrap();
    let domain = living.into_iter().find(|domain| domain.name.as_str() == NAME).unwrap();
    let close = Run::new(ids.next(), RunKind::Close, &domain, Now { server: now, offset: 0 });
    let mut change = Change::default();
    change.tasks.push(Task::for_run(ids.next(), &close.id, &close.partner, &close.world, now));
    change.runs.insert.push(close);
    change.domains.update.push(Domain { status: DomainStatus::Releasing, ..domain });
    let writing = store.write(move |tx| {
        let (change, ids) = (change.clone(), ids.clone());
        async move { tx.apply(change, &ids, now).await }.boxed()
    });
    writing.await.unwrap();
}

#[tokio::test]
async fn a_name_is_not_let_go_before_it_is_known_whether_it_was_renewed() {
    let live = bought().await;
    live.dnsimple.show_renewals_late();
    live.rig.advance(2 * DAY).await;
    leave(&live).await;
    for _ in 0..8 {
        live.rig.advance(3 * HOUR).await;
    }
    assert_eq!((renewed(&live), renewals(&live).await[0].state), (1, IntentState::Open));
    assert_eq!(status(&live).await, DomainStatus::Releasing, "it waits for that");
    live.dnsimple.finish();
    for _ in 0..8 {
        live.rig.advance(3 * HOUR).await;
    }
    assert_eq!(renewals(&live).await[0].state, IntentState::Bought, "what was paid is written down");
    assert_eq!(status(&live).await, DomainStatus::Available, "it is paid for, for another year");
}
