//! Looks at domains, and leave to put right what they find.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::HOUR;
use model::evidence::{Evidence, Which};
use model::id::{DomainId, Id as _, PartnerId};
use model::world::World;
use store::{evidence, mendings};

use crate::support::bench::{Bench, NOW};
use crate::support::fill::Fill;
use crate::support::filled::worked;

on_both! {
    the_last_look_takes_the_place_of_the_one_before_and_the_first_stays
    an_orders_looks_are_those_of_its_domains
    in_an_hour_there_is_leave_for_so_many_and_no_more
}

fn look(bench: &Bench, domain: &DomainId, which: Which, document: &str) -> Evidence {
    Evidence {
        domain: domain.clone(),
        which,
        partner: bench.partner.id.clone(),
        world: bench.scope().world,
        document: document.into(),
        ..worked::look(&Fill::of("a", 0, 1))
    }
}

async fn keep(bench: &Bench, looks: Vec<Evidence>) {
    bench.write(Change { evidence: looks, ..Change::default() }).await.unwrap();
}

async fn document(bench: &Bench, domain: &DomainId, which: Which) -> Option<String> {
    let mut db = bench.store.read().await.unwrap();
    evidence::get(&mut db, &bench.scope(), domain, which).await.unwrap().map(|look| look.document)
}

async fn the_last_look_takes_the_place_of_the_one_before_and_the_first_stays(bench: Bench) {
    let domain = DomainId::opaque("dom_1");
    let both = vec![look(&bench, &domain, Which::Latest, "one"), look(&bench, &domain, Which::Connected, "one")];
    keep(&bench, both).await;
    keep(&bench, vec![look(&bench, &domain, Which::Latest, "two")]).await;
    assert_eq!(document(&bench, &domain, Which::Latest).await.as_deref(), Some("two"));
    assert_eq!(document(&bench, &domain, Which::Connected).await.as_deref(), Some("one"));
    let other = model::world::Scope { partner: bench.ids.next(), ..bench.scope() };
    let mut db = bench.store.read().await.unwrap();
    let foreign = evidence::get(&mut db, &other, &domain, Which::Latest).await.unwrap();
    assert_eq!(foreign, None, "it is nobody else's");
}

async fn an_orders_looks_are_those_of_its_domains(bench: Bench) {
    let (order, domains, lines) = bench.order("acme.com");
    let (order_id, domain) = (order.id.clone(), domains[0].id.clone());
    let mut change = Change { lines, ..Change::default() };
    change.orders.insert.push(order);
    change.domains.insert = domains;
    bench.write(change).await.unwrap();
    let looks = vec![
        look(&bench, &domain, Which::Latest, "own"),
        look(&bench, &domain, Which::Connected, "first"),
        look(&bench, &DomainId::opaque("dom_other"), Which::Latest, "other"),
    ];
    keep(&bench, looks).await;
    let mut db = bench.store.read().await.unwrap();
    let found = evidence::of_order(&mut db, &order_id).await.unwrap();
    assert_eq!(found.iter().map(|one| one.document.as_str()).collect::<Vec<_>>(), ["own"]);
    let summaries = evidence::summaries(&mut db, &order_id).await.unwrap();
    assert_eq!(summaries.keys().collect::<Vec<_>>(), [&domain]);
    assert_eq!(summaries[&domain], found[0].summary);
}

async fn take(bench: &Bench, world: &World, hour: i64) -> bool {
    take_for(bench, bench.partner.id.clone(), world, hour).await
}

async fn take_for(bench: &Bench, partner: PartnerId, world: &World, hour: i64) -> bool {
    let asked = Arc::new((partner, world.clone()));
    let taken = bench.store.settle(move |tx| {
        let asked = asked.clone();
        async move { mendings::take(tx, &asked.0, &asked.1, 10, NOW.plus(hour * HOUR)).await }.boxed()
    });
    taken.await.unwrap()
}

/// However few zones there are, ten may be put right; and of many only the share.
async fn in_an_hour_there_is_leave_for_so_many_and_no_more(bench: Bench) {
    let (live, other) = (World::live(), bench.scope().world);
    let used_up = async |hour: i64| {
        mendings::used_up(&mut bench.store.read().await.unwrap(), NOW.plus(hour * HOUR)).await.unwrap()
    };
    for n in 0..10 {
        assert_eq!(used_up(0).await, []);
        assert!(take(&bench, &live, 0).await, "{n}");
    }
    assert!(!take(&bench, &live, 0).await);
    assert_eq!(used_up(0).await, [(bench.partner.id.clone(), 10)]);
    assert!(take(&bench, &other, 0).await, "another world has its own");
    assert!(take_for(&bench, bench.ids.next(), &live, 0).await, "and another partner");
    assert!(take(&bench, &live, 1).await, "the next hour");
    assert_eq!((used_up(0).await, used_up(1).await), (vec![], vec![]), "what is over is forgotten");
    // Many at once never have more than there is.
    let all = futures_util::future::join_all((0..15).map(|_| take(&bench, &live, 2))).await;
    assert_eq!(all.iter().filter(|one| **one).count(), 10);
}
