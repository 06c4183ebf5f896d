//! Endpoints, deliveries, and catching up with events.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{DAY, SECOND};
use model::delivery::{self, Delivery, DeliveryStatus, DisabledReason, Endpoint};
use model::event::{Event, EventKind};
use model::id::{EventId, Id as _, RunId};
use model::world::Environment;
use store::events::{Search, Untold};
use store::{Page, deliveries, endpoints, events, keys, runs};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};

on_both! {
    an_endpoint_comes_back_as_it_was_written
    deliveries_are_listed_by_what_they_are_about
    what_an_endpoint_was_not_told_is_found_bit_by_bit
    a_key_has_its_partner_until_it_is_revoked
    catching_up_begins_where_the_newest_ends
}

const ALL: Page = Page { below: None, limit: 100 };

async fn an_endpoint_comes_back_as_it_was_written(bench: Bench) {
    let endpoint = Endpoint {
        events: Some(vec![EventKind::OrderFailed]),
        disabled: Some(DisabledReason::Gone),
        failing_since: Some(NOW),
        old_secret_until: Some(NOW.plus(DAY)),
        ..bench.endpoint(Environment::Test, None)
    };
    let live = bench.endpoint(Environment::Live, None);
    let mut change = Change::default();
    change.endpoints.insert.extend([endpoint.clone(), live.clone()]);
    bench.write(change).await.unwrap();
    let (mut db, scope) = (bench.store.read().await.unwrap(), bench.scope());
    let read = endpoints::get(&mut db, &scope, &endpoint.id).await.unwrap().unwrap();
    assert_eq!(Endpoint { secret: endpoint.secret.clone(), ..read }, endpoint);
    assert_eq!(endpoints::get(&mut db, &scope, &live.id).await.unwrap(), None);
    let below = Page { below: Some(endpoint.id.to_string()), limit: 100 };
    assert_eq!(endpoints::list(&mut db, &scope, &ALL).await.unwrap().len(), 1);
    assert!(endpoints::list(&mut db, &scope, &below).await.unwrap().is_empty());

    let mut change = Change::default();
    change.endpoints_removed.push(endpoint.id.clone());
    bench.write(change.clone()).await.unwrap();
    assert!(endpoints::list(&mut db, &scope, &ALL).await.unwrap().is_empty());
    assert!(bench.write(change).await.is_err(), "what is gone is not removed again");
}

/// An endpoint, and events a second apart that it was not told of, because it came after them.
async fn late_endpoint(bench: &Bench, kinds: &[EventKind]) -> (Endpoint, Vec<Event>) {
    let told = |(n, kind): (i64, &EventKind)| Event { created_at: NOW.plus(n * SECOND), ..bench.event(*kind) };
    let events: Vec<_> = (0..).zip(kinds).map(told).collect();
    let mut change = Change::default();
    change.events.extend(events.clone());
    bench.write(change).await.unwrap();
    let endpoint = bench.endpoint(Environment::Test, None);
    let mut change = Change::default();
    change.endpoints.insert.push(endpoint.clone());
    bench.write(change).await.unwrap();
    (endpoint, events)
}

async fn deliver(bench: &Bench, endpoint: &Endpoint, event: &Event, status: DeliveryStatus) -> Delivery {
    let due = Delivery::due(bench.ids.next(), event.id.clone(), endpoint, &event.world, NOW);
    let delivery = Delivery { status, by_hand: true, ..due };
    let mut change = Change::default();
    change.deliveries.insert.push(delivery.clone());
    bench.write(change).await.unwrap();
    delivery
}

async fn deliveries_are_listed_by_what_they_are_about(bench: Bench) {
    let (endpoint, events) = late_endpoint(&bench, &[EventKind::OrderFailed, EventKind::OrderFailed]).await;
    let failed = deliver(&bench, &endpoint, &events[0], DeliveryStatus::Failed).await;
    let pending = deliver(&bench, &endpoint, &events[1], DeliveryStatus::Pending).await;
    let (mut db, scope) = (bench.store.read().await.unwrap(), bench.scope());
    let none = deliveries::Filter::default();
    for (filter, found) in [
        (none.clone(), vec![&pending, &failed]),
        (deliveries::Filter { endpoint: Some(endpoint.id.clone()), ..none.clone() }, vec![&pending, &failed]),
        (deliveries::Filter { event: Some(events[0].id.clone()), ..none.clone() }, vec![&failed]),
        (deliveries::Filter { status: Some(DeliveryStatus::Pending), ..none.clone() }, vec![&pending]),
    ] {
        let listed = deliveries::list(&mut db, &scope, &filter, &ALL).await.unwrap();
        assert_eq!(listed.iter().collect::<Vec<_>>(), found, "{filter:?}");
    }
    let elsewhere = bench.partner.scope(Environment::Live);
    assert_eq!(deliveries::get(&mut db, &elsewhere, &failed.id).await.unwrap(), None);
    assert_eq!(deliveries::get(&mut db, &scope, &failed.id).await.unwrap(), Some(failed));
}

async fn what_an_endpoint_was_not_told_is_found_bit_by_bit(bench: Bench) {
    let kinds = [EventKind::OrderInProgress, EventKind::InboxLinked, EventKind::OrderFailed, EventKind::OrderCompleted];
    let (endpoint, told) = late_endpoint(&bench, &kinds).await;
    deliver(&bench, &endpoint, &told[0], DeliveryStatus::Failed).await;
    deliver(&bench, &endpoint, &told[2], DeliveryStatus::Delivered).await;
    let (mut db, scope) = (bench.store.read().await.unwrap(), bench.scope());
    let search = Search { since: NOW, after: None, look: 10, find: 10 };
    let found = |events: &[usize], go_on_after: Option<usize>| Untold {
        events: events.iter().map(|n| told[*n].id.clone()).collect(),
        go_on_after: go_on_after.map(|n| told[n].id.clone()),
    };
    for (search, expected) in [
        (search.clone(), found(&[0, 3], None)),
        (Search { since: NOW.plus(SECOND), ..search.clone() }, found(&[3], None)),
        (
            Search { since: NOW.plus(2 * SECOND), after: Some((NOW, told[0].id.clone())), ..search.clone() },
            found(&[3], None),
        ),
        (Search { find: 1, ..search.clone() }, found(&[0], Some(0))),
        (
            Search { find: 1, after: Some((told[0].created_at, told[0].id.clone())), ..search.clone() },
            found(&[3], None),
        ),
        (Search { look: 2, ..search.clone() }, found(&[0], Some(1))),
        (
            Search { look: 2, after: Some((told[1].created_at, told[1].id.clone())), ..search.clone() },
            found(&[3], Some(3)),
        ),
        (Search { look: 2, after: Some((told[3].created_at, told[3].id.clone())), ..search.clone() }, found(&[], None)),
    ] {
        assert_eq!(events::untold(&mut db, &scope, &endpoint, &search).await.unwrap(), expected, "{search:?}");
    }
    let ids: Vec<_> = told.iter().map(|event| event.id.clone()).collect();
    let still = events::still_untold(&mut db, &scope, &endpoint.id, &ids).await.unwrap();
    assert_eq!(still, [&ids[0], &ids[1], &ids[3]].map(Clone::clone));
    assert!(events::still_untold(&mut db, &scope, &endpoint.id, &[]).await.unwrap().is_empty());
}

async fn a_key_has_its_partner_until_it_is_revoked(bench: Bench) {
    let mut db = bench.store.read().await.unwrap();
    let (key, partner) = keys::authenticate(&mut db, &bench.key).await.unwrap().unwrap();
    assert_eq!(keys::partner_of(&mut db, &key.id).await.unwrap(), Some(partner));
    let mut change = Change::default();
    change.keys.update.push(model::partner::ApiKey { revoked_at: Some(NOW), ..key.clone() });
    bench.write(change).await.unwrap();
    assert_eq!(keys::partner_of(&mut db, &key.id).await.unwrap(), None);
}

/// Waits until every event up to this one is shown: on PostgreSQL a transaction of another test may hold it back.
async fn settled(bench: &Bench, last: &EventId) {
    let mut db = bench.store.read().await.unwrap();
    while events::newest(&mut db, &bench.scope()).await.unwrap().as_ref() != Some(last) {
        tokio::task::yield_now().await;
    }
}

async fn catching_up_begins_where_the_newest_ends(bench: Bench) {
    let scope = bench.scope();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(events::newest(&mut db, &scope).await.unwrap(), None);
    let (_, told) = late_endpoint(&bench, &[EventKind::OrderFailed, EventKind::OrderCompleted]).await;
    settled(&bench, &told[1].id).await;
    let newest = Some(told[1].id.clone());
    let ids = |events: Vec<Event>| events.into_iter().map(|event| event.id).collect::<Vec<_>>();
    let all = events::after(&mut db, &scope, None, None, 10).await.unwrap();
    assert_eq!(ids(all), [&told[0].id, &told[1].id].map(Clone::clone));
    assert_eq!(ids(events::after(&mut db, &scope, None, newest.as_ref(), 10).await.unwrap()), Vec::<EventId>::new());
}

/// Whoever begins "from now on" while somebody is still telling sees that event too: on PostgreSQL, where
/// writes run side by side.
#[tokio::test]
async fn an_event_that_is_being_told_is_not_passed_over_on_postgresql() {
    let Some(bench) = Bench::postgres().await else { return };
    let (early, late) = (bench.event(EventKind::OrderFailed), bench.event(EventKind::OrderCompleted));
    let (written, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = bench.store.write({
        let (ids, event, written, go_on) = (bench.ids.clone(), early.clone(), written.clone(), go_on.clone());
        let scope = bench.scope();
        move |tx| {
            let (ids, event, written, go_on) = (ids.clone(), event.clone(), written.clone(), go_on.clone());
            let (scope, id) = (scope.clone(), event.id.clone());
            async move {
                let mut change = Change::default();
                change.events.push(event);
                tx.apply(change, &ids, NOW).await?;
                // Whoever reads has what was put off sent before.
                assert!(events::get(tx, &scope, &id).await?.is_some());
                written.notify_one();
                go_on.notified().await;
                Ok(())
            }
            .boxed()
        }
    });
    let quick = async {
        written.notified().await;
        let mut change = Change::default();
        change.events.push(late.clone());
        bench.write(change).await.unwrap();
        let mut db = bench.store.read().await.unwrap();
        let newest = events::newest(&mut db, &bench.scope()).await.unwrap();
        let shown = events::after(&mut db, &bench.scope(), None, newest.as_ref(), 10).await.unwrap();
        go_on.notify_one();
        (newest, shown)
    };
    let (slow, (newest, shown)) = tokio::join!(slow, quick);
    slow.unwrap();
    assert_eq!((&newest, shown), (&None, vec![]), "nothing is shown that an earlier event may still precede");
    settled(&bench, &late.id).await;
    let mut db = bench.store.read().await.unwrap();
    let all = events::after(&mut db, &bench.scope(), None, newest.as_ref(), 10).await.unwrap();
    assert_eq!(all.iter().map(|event| &event.id).collect::<Vec<_>>(), [&early.id, &late.id]);
}

/// Whoever began first and waited for another is told of after it: an order's events come in the order of
/// their ids.
#[tokio::test]
async fn whoever_waited_is_told_of_last_on_postgresql() {
    let Some(bench) = Bench::postgres().await else { return };
    let (first, second) = (bench.event(EventKind::DomainConnected), bench.event(EventKind::OrderCompleted));
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waits = bench.store.write({
        let (ids, event, begun, go_on) = (bench.ids.clone(), second.clone(), begun.clone(), go_on.clone());
        let task = bench.task("run_1", NOW);
        move |tx| {
            let (ids, event, begun, go_on) = (ids.clone(), event.clone(), begun.clone(), go_on.clone());
            let task = task.clone();
            async move {
                let mut change = Change::default();
                change.tasks.push(task);
                tx.apply(change, &ids, NOW).await?;
                // Now it is sent.
                runs::load(tx, &RunId::opaque("run_1")).await?;
                begun.notify_one();
                go_on.notified().await;
                let mut change = Change::default();
                change.events.push(event);
                tx.apply(change, &ids, NOW).await
            }
            .boxed()
        }
    });
    let overtakes = async {
        begun.notified().await;
        let mut change = Change::default();
        change.events.push(first.clone());
        bench.write(change).await.unwrap();
        go_on.notify_one();
    };
    let (waited, ()) = tokio::join!(waits, overtakes);
    waited.unwrap();
    settled(&bench, &second.id).await;
    let mut db = bench.store.read().await.unwrap();
    let all = events::after(&mut db, &bench.scope(), None, None, 10).await.unwrap();
    assert_eq!(all.iter().map(|event| &event.id).collect::<Vec<_>>(), [&first.id, &second.id]);
}

/// Sixteen is the most, however many ask at once.
#[tokio::test]
async fn a_crowd_makes_no_more_endpoints_than_there_may_be_on_postgresql() {
    let Some(bench) = Bench::postgres().await else { return };
    let make = || {
        let (ids, scope) = (bench.ids.clone(), bench.scope());
        bench.store.write(move |tx| {
            let (ids, scope) = (ids.clone(), scope.clone());
            async move {
                let existing = endpoints::lock_count(tx, &scope).await?;
                let secret = model::secret::Secret::plain("whsec_x");
                let wanted = delivery::NewEndpoint { url: "https://a.example".into(), events: None, secret };
                let now = model::clock::Now { server: NOW, offset: 0 };
                let decided = delivery::create(&scope, existing, wanted, now, &ids)?;
                tx.apply(decided.change, &ids, NOW).await
            }
            .boxed()
        })
    };
    let made = futures_util::future::join_all((0..delivery::MAX_ENDPOINTS + 4).map(|_| make())).await;
    assert_eq!(made.iter().filter(|result| result.is_ok()).count(), delivery::MAX_ENDPOINTS);
}
