//! Zones, and how whoever serves them finds what has changed.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::dns::{HostedZone, Purpose, RrSet, RrType};
use model::domain::DomainName;
use model::partner::Partner;
use model::world::{Environment, World};
use store::zones::{self, Changed, Served};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};
use crate::support::fill::Fill;
use crate::support::filled::worked;
use crate::support::zones::{at_own, insert, update};

on_both! {
    a_domain_has_one_zone_and_another_after_it
    whoever_serves_finds_what_has_changed_and_nothing_else
    of_sandboxes_with_the_same_name_the_newest_is_served
}

fn zone(bench: &Bench, world: &World, name: &str) -> HostedZone {
    HostedZone {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: world.clone(),
        domain: bench.ids.next(),
        name: DomainName::stored(name),
        account: (world.environment() == Environment::Live).then(|| "own".to_owned()),
        nameservers: vec!["ns1.host.example".into()],
        records: vec![],
        serial: 7,
        published_serial: None,
        removed_at: None,
        version: 1,
        ..worked::zone(&Fill::of("a", 0, 1))
    }
}

async fn all(bench: &Bench, which: &Served) -> Changed {
    zones::all(&mut bench.store.read().await.unwrap(), which).await.unwrap()
}

async fn since(bench: &Bench, which: &Served, mark: i64) -> Changed {
    zones::changed(&mut bench.store.read().await.unwrap(), which, mark).await.unwrap()
}

fn serves(changed: &Changed) -> Vec<&str> {
    changed.zones.iter().map(|zone| zone.name.as_str()).collect()
}

async fn a_domain_has_one_zone_and_another_after_it(bench: Bench) {
    let first = zone(&bench, &World::live(), "acme.com");
    insert(&bench, &[&first]).await;
    let second = HostedZone { id: bench.ids.next(), ..first.clone() };
    let mut change = Change::default();
    change.zones.insert.push(second.clone());
    assert!(bench.write(change.clone()).await.is_err(), "whoever else makes one finds the first");
    let gone = update(&bench, &first, |zone| zone.remove(NOW)).await;
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(zones::of_domain(&mut db, &first.domain).await.unwrap(), None);
    assert_eq!(zones::last_serial(&mut db, &first.world, &first.name).await.unwrap(), Some(gone.serial));
    assert_eq!(zones::last_serial(&mut db, &bench.scope().world, &first.name).await.unwrap(), None);
    bench.write(change).await.unwrap();
    assert_eq!(zones::of_domain(&mut db, &first.domain).await.unwrap(), Some(second));
}

async fn whoever_serves_finds_what_has_changed_and_nothing_else(bench: Bench) {
    let (live, which) = (World::live(), at_own());
    let (one, other) = (zone(&bench, &live, "one.com"), zone(&bench, &live, "other.com"));
    let elsewhere = HostedZone { account: Some("cloudflare".into()), ..zone(&bench, &live, "elsewhere.com") };
    let tried = zone(&bench, &bench.scope().world, "tried.com");
    insert(&bench, &[&one, &other, &elsewhere, &tried]).await;
    let whole = all(&bench, &which).await;
    assert_eq!(serves(&whole), ["one.com", "other.com"]);
    assert_eq!(whole.zones[0], one);
    assert_eq!(serves(&all(&bench, &Served::Sandbox).await), ["tried.com"]);
    let nothing = since(&bench, &which, whole.mark).await;
    assert_eq!((nothing.zones, nothing.removed), (vec![], vec![]));

    let mx = RrSet { name: "one.com".into(), rtype: RrType::Mx, ttl: 60, values: vec!["1 mx.example".into()] };
    let one = update(&bench, &one, |zone| assert!(zone.put(Purpose::Mail, &[mx], NOW))).await;
    let next = since(&bench, &which, whole.mark).await;
    assert_eq!((&next.zones, next.removed.is_empty()), (&vec![one.clone()], true));
    let other = update(&bench, &other, |zone| zone.account = Some("cloudflare".into())).await;
    update(&bench, &one, |zone| zone.remove(NOW)).await;
    let gone = since(&bench, &which, next.mark).await;
    let mut names: Vec<_> = gone.removed.iter().map(DomainName::as_str).collect();
    names.sort_unstable();
    assert_eq!((names, gone.zones), (vec!["one.com", "other.com"], vec![]));
    update(&bench, &other, |zone| zone.account = Some("second".into())).await;
    assert_eq!(serves(&since(&bench, &which, gone.mark).await), ["other.com"]);
    assert_eq!(serves(&all(&bench, &which).await), ["other.com"]);
}

async fn of_sandboxes_with_the_same_name_the_newest_is_served(bench: Bench) {
    let partner = Partner::new(bench.ids.next(), "Other", NOW);
    let mut change = Change::default();
    change.partners.insert.push(partner.clone());
    bench.write(change).await.unwrap();
    let own = zone(&bench, &bench.scope().world, "acme.com");
    let theirs = HostedZone {
        partner: partner.id.clone(),
        serial: 9,
        ..zone(&bench, &partner.scope(Environment::Test).world, "acme.com")
    };
    insert(&bench, &[&own, &theirs]).await;
    let first = all(&bench, &Served::Sandbox).await;
    assert_eq!((first.zones.len(), &first.zones[0].domain), (1, &theirs.domain));

    let gone = update(&bench, &theirs, |zone| zone.remove(NOW)).await;
    let next = since(&bench, &Served::Sandbox, first.mark).await;
    assert_eq!(
        (&next.zones[0].domain, next.zones[0].serial),
        (&own.domain, gone.serial),
        "its serial grows all the same"
    );

    let resets = zones::resets(&mut bench.store.read().await.unwrap()).await.unwrap();
    let mut change = Change::default();
    change.partners.update.push(Partner { test_epoch: bench.partner.test_epoch + 1, ..bench.partner.clone() });
    bench.write(change).await.unwrap();
    assert_eq!(zones::resets(&mut bench.store.read().await.unwrap()).await.unwrap(), resets + 1);
    assert_eq!(serves(&all(&bench, &Served::Sandbox).await), [""; 0], "its world is gone");
}

#[tokio::test]
async fn a_zone_that_is_committed_late_is_found() {
    let Some(bench) = Bench::postgres().await else { return };
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (late, fast) = (zone(&bench, &World::live(), "late.com"), zone(&bench, &World::live(), "fast.com"));
    let (ids, told, open, written) = (bench.ids.clone(), begun.clone(), gate.clone(), late.clone());
    let slow = bench.store.write(move |tx| {
        let (late, ids, told, open) = (written.clone(), ids.clone(), told.clone(), open.clone());
        async move {
            let mut change = Change::default();
            change.zones.insert.push(late);
            tx.apply(change, &ids, NOW).await?;
            told.notify_one();
            open.notified().await;
            Ok(())
        }
        .boxed()
    });
    let meanwhile = async {
        begun.notified().await;
        insert(&bench, &[&fast]).await;
        let before = all(&bench, &at_own()).await;
        assert_eq!(serves(&before), ["fast.com"], "whoever begins now sees what is there");
        assert_eq!(since(&bench, &at_own(), before.mark).await.mark, before.mark, "the slow one is waited for");
        gate.notify_one();
        before.mark
    };
    let (slow, mark) = tokio::join!(slow, meanwhile);
    slow.unwrap();
    assert_eq!(serves(&since(&bench, &at_own(), mark).await), ["fast.com", "late.com"]);
}
