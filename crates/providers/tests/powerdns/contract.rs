//! The contract of a DNS host.

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use model::dns::RrType;
use model::domain::DomainName;
use providers::conformance::{self, Maker};
use providers::roles::DnsHost as _;
use providers::trouble::{Refused, Trouble};

use super::stage::{Stage, call, set};
use crate::support::start;

#[tokio::test]
async fn the_suite_of_a_dns_host() {
    let Some(stage) = Stage::new().await else { return };
    let Some((cast, _sandbox)) = stage.cast().await else { return };
    let maker = Maker::new(call("any.com").world, start(), |n| DomainName::stored(format!("free-{n}.com")));
    conformance::dns_host(&cast, &maker).await;
}

#[tokio::test]
async fn a_zone_that_is_there_is_taken_as_it_is() {
    let Some(stage) = Stage::new().await else { return };
    let theirs = stage.another();
    theirs.ensure_zone(&call("acme.com")).await.unwrap();
    theirs.ensure_records(&call("acme.com"), &[set("shop.acme.com", RrType::A, &["192.0.2.1"])]).await.unwrap();
    assert_eq!(stage.adapter.ensure_zone(&call("acme.com")).await.unwrap(), ["ns1.host.example", "ns2.host.example"]);
    stage.adapter.ensure_records(&call("acme.com"), &[set("acme.com", RrType::Txt, &["new"])]).await.unwrap();
    let mut held = stage.adapter.records(&call("acme.com")).await.unwrap().unwrap();
    held.sort_by_key(|set| set.name.clone());
    assert_eq!(held, [set("acme.com", RrType::Txt, &["new"]), set("shop.acme.com", RrType::A, &["192.0.2.1"])]);
}

#[tokio::test]
async fn two_at_once_make_one_zone() {
    let Some(stage) = Stage::new().await else { return };
    let (acme, other) = (&call("acme.com"), stage.another());
    let both = |n: usize| if n.is_multiple_of(2) { &*stage.adapter } else { &other };
    let (both, stage) = (&both, &stage);
    let told = join_all((0..8).map(|n| stage.settled(async move || both(n).ensure_zone(acme).await))).await;
    assert!(told.iter().all(|servers| servers.len() == 2), "{told:?}");
    let texts = [set("acme.com", RrType::Txt, &["one", "two"]), set("acme.com", RrType::Txt, &["three"])];
    let text = &|n: usize| &texts[n % 2..=n % 2];
    join_all((0..8).map(|n| stage.settled(async move || both(n).ensure_records(acme, text(n)).await))).await;
    let held = stage.adapter.records(acme).await.unwrap().unwrap();
    assert!(texts.iter().any(|text| held == [text.clone()] || same(&held[0].values, &text.values)), "{held:?}");
}

fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && other.iter().all(|value| one.contains(value))
}

#[tokio::test]
async fn two_hundred_zones_at_once_are_made_and_answered() {
    let Some(stage) = Stage::new().await else { return };
    let Some(dig) = stage.dig() else { return };
    let names: Vec<_> = (0..200).map(|n| format!("acme-{n}.com")).collect();
    let make = async |name: &String| {
        let (call, text) = (call(name), [set(name, RrType::Txt, &["v=spf1 -all"])]);
        stage.settled(async || stage.adapter.ensure_zone(&call).await).await;
        stage.settled(async || stage.adapter.ensure_records(&call, &text).await).await;
    };
    // As many as the engine has under way at one account.
    stream::iter(&names).for_each_concurrent(8, make).await;
    for name in [&names[0], &names[99], &names[199]] {
        assert_eq!(dig.values(name, RrType::Txt), ["v=spf1 -all"], "{name}");
        assert_eq!(dig.values(name, RrType::Ns), ["ns1.host.example", "ns2.host.example"], "{name}");
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_is_refused_as_a_whole() {
    let Some(stage) = Stage::new().await else { return };
    let acme = call("acme.com");
    stage.adapter.ensure_zone(&acme).await.unwrap();
    stage.adapter.ensure_records(&acme, &[set("www.acme.com", RrType::Cname, &["shop.example"])]).await.unwrap();
    let sets = [set("acme.com", RrType::Txt, &["one"]), set("www.acme.com", RrType::A, &["192.0.2.1"])];
    let told = stage.adapter.ensure_records(&acme, &sets).await;
    assert!(matches!(&told, Err(Trouble::Refused(Refused::ForGood(words))) if words.contains("acme.com")), "{told:?}");
    let held = stage.adapter.records(&acme).await.unwrap().unwrap();
    assert_eq!(held, [set("www.acme.com", RrType::Cname, &["shop.example"])], "nothing of it was written");
    let sets = [set("www.acme.com", RrType::A, &["192.0.2.1"]), set("www.acme.com", RrType::Cname, &[])];
    assert_eq!(stage.adapter.ensure_records(&acme, &sets).await, Ok(()), "what is in the way may go with it");
}
