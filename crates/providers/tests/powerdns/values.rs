//! Values of every type, written by the adapter, served by PowerDNS, read by dig.

use model::dns::{RrType, joined};
use providers::roles::DnsHost as _;

use super::stage::{Stage, call, set};

#[tokio::test]
async fn every_type_is_served_as_it_was_written_and_read_back() {
    let Some(stage) = Stage::new().await else { return };
    let Some(dig) = stage.dig() else { return };
    let (acme, long) = (call("acme.com"), format!("v=DKIM1; p={}", "Ab".repeat(300)));
    stage.adapter.ensure_zone(&acme).await.unwrap();
    let sets = [
        set("acme.com", RrType::A, &["192.0.2.1", "192.0.2.2"]),
        set("acme.com", RrType::Aaaa, &["2001:db8::1"]),
        set("acme.com", RrType::Mx, &["10 mx1.example.net", "20 mx2.example.net"]),
        set("acme.com", RrType::Caa, &["0 issue \"ca.example; a=b\""]),
        set("www.acme.com", RrType::Cname, &["shop.example"]),
        set("*.wild.acme.com", RrType::Txt, &["any"]),
        set("k._domainkey.acme.com", RrType::Txt, &[&long]),
        set("odd.acme.com", RrType::Txt, &["Kept \\ Case; and = signs", "a\"b"]),
        set("null.acme.com", RrType::Mx, &["0 ."]),
        set("_sip._tcp.acme.com", RrType::Srv, &["0 5 443 sip.acme.com"]),
        set("below.acme.com", RrType::Ns, &["ns.elsewhere.example"]),
    ];
    stage.adapter.ensure_records(&acme, &sets).await.unwrap();
    for set in sets.iter().filter(|set| set.rtype != RrType::Ns && !set.name.starts_with('*')) {
        let mut wanted = set.values.clone();
        wanted.sort();
        let wanted: Vec<_> = wanted.iter().map(|value| value.trim_end_matches('.').to_owned()).collect();
        assert_eq!(dig.values(&set.name, set.rtype), wanted, "{} {}", set.name, set.rtype.as_str());
    }
    assert_eq!(dig.values("a.wild.acme.com", RrType::Txt), ["any"]);
    let held = stage.adapter.records(&acme).await.unwrap().unwrap();
    assert_eq!(held.len(), sets.len());
    for wanted in &sets {
        let one = held.iter().find(|one| one.name == wanted.name && one.rtype == wanted.rtype).unwrap();
        let sorted = |values: &[String]| {
            let mut values: Vec<_> = values.iter().map(|value| joined(value)).collect();
            values.sort();
            values
        };
        assert_eq!((sorted(&one.values), one.ttl), (sorted(&wanted.values), wanted.ttl), "{}", wanted.name);
    }
}

#[tokio::test]
async fn texts_in_other_letters_are_served_as_they_were_written() {
    let Some(stage) = Stage::new().await else { return };
    let Some(dig) = stage.dig() else { return };
    let (acme, text) = (call("acme.com"), [set("acme.com", RrType::Txt, &["Zoë"])]);
    stage.adapter.ensure_zone(&acme).await.unwrap();
    stage.adapter.ensure_records(&acme, &text).await.unwrap();
    assert!(dig.lines("acme.com", "TXT")[0].ends_with("\"Zo\\195\\171\""), "{:?}", dig.lines("acme.com", "TXT"));
    assert_eq!(stage.adapter.records(&acme).await.unwrap().unwrap(), text);
}

#[tokio::test]
async fn a_change_is_a_new_serial_and_none_is_none() {
    let Some(stage) = Stage::new().await else { return };
    let Some(dig) = stage.dig() else { return };
    let serial = || dig.lines("acme.com", "SOA")[0].split_whitespace().nth(6).unwrap().parse::<u32>().unwrap();
    let acme = call("acme.com");
    stage.adapter.ensure_zone(&acme).await.unwrap();
    let (first, text) = (serial(), [set("acme.com", RrType::Txt, &["one"])]);
    stage.adapter.ensure_records(&acme, &text).await.unwrap();
    let second = serial();
    assert!(second > first, "secondaries are told");
    stage.adapter.ensure_records(&acme, &text).await.unwrap();
    assert_eq!(serial(), second, "nothing has changed");
}
