//! The contract of a DNS host.

use model::dns::RrType;
use model::domain::DomainName;
use providers::conformance::{self, Maker};
use providers::roles::DnsHost as _;
use providers::trouble::{Refused, Trouble};

use super::stage::{Stage, call, set};
use crate::support::start;

#[tokio::test]
async fn the_suite_of_a_dns_host_on_zones_that_are_there() {
    let names: Vec<_> = (1..=12).map(|n| format!("free-{n}.com")).collect();
    for stage in Stage::each(&names.iter().map(String::as_str).collect::<Vec<_>>(), "") {
        let (cast, _sandbox) = stage.cast().await;
        let maker = Maker::new(call("any.com").world, start(), |n| DomainName::stored(format!("free-{n}.com")));
        conformance::dns_host(&cast, &maker).await;
    }
}

#[tokio::test]
async fn a_zone_that_is_not_there_is_asked_for_in_one_sentence_and_goes_without_complaint() {
    for stage in Stage::each(&["acme.com"], "") {
        let other = call("other.com");
        let Err(Trouble::Misconfigured(words)) = stage.adapter.ensure_zone(&other).await else {
            panic!("{}", stage.what)
        };
        for part in ["other.com", "main", "mail.key", "make it there"] {
            assert!(words.contains(part), "{}: {words}", stage.what);
        }
        assert_eq!(stage.adapter.records(&other).await, Ok(None), "{}", stage.what);
        assert_eq!(stage.adapter.ensure_no_zone(&other).await, Ok(()), "{}", stage.what);
        let told = stage.adapter.ensure_records(&other, &[set("other.com", RrType::Txt, &["one"])]).await;
        assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{}: {told:?}", stage.what);
    }
}

#[tokio::test]
async fn every_type_is_served_as_it_was_written_and_read_back() {
    let long = format!("v=DKIM1; p={}", "Ab".repeat(300));
    let sets = [
        set("acme.com", RrType::A, &["192.0.2.1", "192.0.2.2"]),
        set("acme.com", RrType::Aaaa, &["2001:db8::1"]),
        set("acme.com", RrType::Mx, &["10 mx1.example.net", "20 mx2.example.net"]),
        set("acme.com", RrType::Caa, &["0 issue \"ca.example; a=b\""]),
        set("www.acme.com", RrType::Cname, &["shop.example"]),
        set("k._domainkey.acme.com", RrType::Txt, &[&long]),
        set("odd.acme.com", RrType::Txt, &["Kept \\ Case; and = signs", "a\"b"]),
        set("null.acme.com", RrType::Mx, &["0 ."]),
        set("_sip._tcp.acme.com", RrType::Srv, &["0 5 443 sip.acme.com"]),
        set("below.acme.com", RrType::Ns, &["ns.elsewhere.example"]),
    ];
    for stage in Stage::each(&["acme.com"], "") {
        let acme = call("acme.com");
        stage.adapter.ensure_records(&acme, &sets).await.unwrap();
        for set in sets.iter().filter(|set| set.rtype != RrType::Ns) {
            let mut wanted: Vec<_> = set.values.iter().map(|value| value.trim_end_matches('.').to_owned()).collect();
            wanted.sort();
            assert_eq!(stage.dig.values(&set.name, set.rtype), wanted, "{} {}", stage.what, set.name);
        }
        let mut held = stage.adapter.records(&acme).await.unwrap().unwrap();
        held.iter_mut().for_each(|set| set.values.sort());
        let mut wanted = sets.to_vec();
        wanted.iter_mut().for_each(|set| set.values.sort());
        wanted.sort_by_key(|set| (set.name.clone(), set.rtype.as_str()));
        assert_eq!(held, wanted, "{}", stage.what);
    }
}

#[tokio::test]
async fn what_others_have_in_a_zone_stays_and_a_wildcard_is_not_taken_for_a_record() {
    let lines = "*.acme.com. IN TXT any\n_443._tcp IN TLSA 3 1 1 AABB\nshop IN A 192.0.2.1\n";
    for stage in Stage::each(&["acme.com"], lines) {
        let acme = call("acme.com");
        stage.adapter.ensure_records(&acme, &[set("new.acme.com", RrType::Txt, &["any"])]).await.unwrap();
        assert!(!stage.dig.lines("new.acme.com", "TXT").is_empty());
        let held = stage.adapter.records(&acme).await.unwrap().unwrap();
        assert!(held.contains(&set("new.acme.com", RrType::Txt, &["any"])), "{}: {held:?}", stage.what);
        assert_eq!(stage.dig.lines("_443._tcp.acme.com", "TLSA").len(), 1, "{}", stage.what);
        assert_eq!(stage.dig.values("shop.acme.com", RrType::A), ["192.0.2.1"], "{}", stage.what);
    }
}

#[tokio::test]
async fn what_would_stand_beside_an_alias_is_refused_and_not_dropped_in_silence() {
    for stage in Stage::each(&["acme.com"], "www IN CNAME shop.example.\n") {
        let (acme, address) = (call("acme.com"), set("www.acme.com", RrType::A, &["192.0.2.1"]));
        let told = stage.adapter.ensure_records(&acme, std::slice::from_ref(&address)).await;
        assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{}: {told:?}", stage.what);
        let both = [address, set("www.acme.com", RrType::Cname, &[])];
        assert_eq!(stage.adapter.ensure_records(&acme, &both).await, Ok(()), "{}: it may go", stage.what);
        assert_eq!(stage.dig.values("www.acme.com", RrType::A), ["192.0.2.1"], "{}", stage.what);
    }
}

#[tokio::test]
async fn a_zone_with_thousands_of_records_is_read_whole_filled_and_emptied() {
    for stage in Stage::each(&["acme.com"], "") {
        let (acme, long) = (call("acme.com"), "k".repeat(400));
        let sets: Vec<_> = (0..1_000).map(|n| set(&format!("k{n}.acme.com"), RrType::Txt, &[&long])).collect();
        stage.adapter.ensure_records(&acme, &sets).await.unwrap();
        assert_eq!(stage.adapter.records(&acme).await.unwrap().unwrap().len(), 1_000, "{}", stage.what);
        assert_eq!(stage.dig.values("k999.acme.com", RrType::Txt), [long], "{}", stage.what);
        stage.adapter.ensure_no_zone(&acme).await.unwrap();
        assert!(stage.dig.values("k999.acme.com", RrType::Txt).is_empty(), "{}", stage.what);
        assert_eq!(stage.adapter.records(&acme).await, Ok(None), "{}", stage.what);
        assert_eq!(stage.adapter.ensure_zone(&acme).await.unwrap().len(), 2, "{}", stage.what);
        assert_eq!(stage.adapter.records(&acme).await, Ok(Some(vec![])), "{}: it is empty", stage.what);
    }
}
