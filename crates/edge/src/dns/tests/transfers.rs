//! Whole zones: who is given them, and what they are given.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{RData, Record, TSigVerifier};

use super::*;
use crate::dns::answer::Told;
use crate::dns::transfer::Transfer;

/// How long messages of transfers are.
const SHORT: usize = 16 * 1024;

/// What is done with a question that is signed with this key.
fn asked(
    zones: &Zones,
    key: &str,
    mut message: Message,
    transport: Transport,
) -> (Option<Told>, Vec<u8>, TSigVerifier) {
    let verifier = message.finalize(&signer(key), NOW).unwrap().unwrap();
    let mut out = vec![];
    let known = Known { zones: &zones.now(), keys: &keys(), clock: &Standing };
    let told = answer(&known, &message.to_vec().unwrap(), transport, &mut out);
    (told, out, verifier)
}

/// A transfer to whoever may have it.
fn begun(zones: &Zones, message: Message) -> (Transfer, TSigVerifier) {
    let (told, _, verifier) = asked(zones, "second.example.", message, Transport::Tcp);
    let Some(Told::Transfer(transfer)) = told else { panic!("it is refused") };
    (*transfer, verifier)
}

/// All messages of a transfer that are left, each of which is signed, and none longer than that.
fn rest(transfer: &mut Transfer, verifier: &mut TSigVerifier, longest: usize) -> Vec<Message> {
    let (mut messages, mut out) = (vec![], vec![]);
    while transfer.write(NOW, &mut out) {
        assert!(out.len() <= longest, "{}", out.len());
        verifier.verify(&out).expect("it is signed after the one before it");
        messages.push(Message::from_vec(&out).unwrap());
    }
    messages
}

fn lines(messages: &[Message]) -> Vec<String> {
    messages.iter().flat_map(|message| message.answers.iter().map(ToString::to_string)).collect()
}

fn since(serial: u32) -> Message {
    let name = || Name::from_ascii("acme.com.").unwrap();
    let mut message = question("acme.com.", RecordType::IXFR);
    let soa = SOA::new(name(), name(), serial, 0, 0, 0, 0);
    message.add_authority(Record::from_rdata(name(), 0, RData::SOA(soa)));
    message
}

fn numbered(count: usize, address: &str) -> Vec<RrSet> {
    let set = |n: usize| set(&format!("host-{n}.of.acme.com"), RrType::A, &[address]);
    (0..count).map(set).collect()
}

#[test]
fn a_whole_zone_is_given_between_its_soa_and_its_soa() {
    let zones = zones(&[zone(vec![
        set("acme.com", RrType::A, &["192.0.2.1", "192.0.2.2"]),
        set("a.b.acme.com", RrType::Txt, &["Kept Case"]),
        set("*.wild.acme.com", RrType::Mx, &["5 mail.acme.com"]),
        set("sub.acme.com", RrType::Ns, &["ns.sub.acme.com"]),
        set("ns.sub.acme.com", RrType::A, &["192.0.2.7"]),
    ])]);
    let (mut transfer, mut verifier) = begun(&zones, question("ACME.com.", RecordType::AXFR));
    let messages = rest(&mut transfer, &mut verifier, SHORT);
    assert_eq!((messages.len(), messages[0].queries.len(), messages[0].authoritative), (1, 1, true));
    let lines = lines(&messages);
    let soa = "acme.com. 3600 IN SOA ns1.host.example. hostmaster.acme.com. 1 3600 600 1209600 60";
    assert_eq!((lines[0].as_str(), lines[lines.len() - 1].as_str()), (soa, soa));
    let mut between = lines[1..lines.len() - 1].to_vec();
    between.sort();
    assert_eq!(
        between,
        [
            "*.wild.acme.com. 300 IN MX 5 mail.acme.com.",
            "a.b.acme.com. 300 IN TXT Kept Case",
            "acme.com. 300 IN A 192.0.2.1",
            "acme.com. 300 IN A 192.0.2.2",
            "acme.com. 3600 IN NS ns1.host.example.",
            "acme.com. 3600 IN NS ns2.host.example.",
            "ns.sub.acme.com. 300 IN A 192.0.2.7",
            "sub.acme.com. 300 IN NS ns.sub.acme.com.",
        ]
    );
}

#[test]
fn a_large_zone_comes_in_several_messages_of_one_version() {
    let all = zones(&[zone(numbered(5_000, "192.0.2.1"))]);
    let (mut transfer, mut verifier) = begun(&all, question("acme.com.", RecordType::AXFR));
    let mut out = vec![];
    assert!(transfer.write(NOW, &mut out));
    let mut messages = vec![Message::from_vec(&out).unwrap()];
    verifier.verify(&out).unwrap();
    // It changes half-way, and is not served any more at all.
    let changed = Zone { serial: 2, ..zone(numbered(5_000, "192.0.2.2")) };
    all.publish(Update { put: vec![Rendered::of(&changed).unwrap()], ..Update::default() });
    all.publish(Update { removed: vec!["acme.com".into()], ..Update::default() });
    messages.extend(rest(&mut transfer, &mut verifier, SHORT));
    assert!(messages.len() > 5);
    let lines = lines(&messages);
    assert_eq!(lines.len(), 5_000 + 4);
    assert_eq!(lines.iter().filter(|line| line.ends_with(" A 192.0.2.1")).count(), 5_000);
    assert_eq!(lines[0], lines[lines.len() - 1]);
}

#[test]
fn one_set_that_is_longer_than_a_message_usually_is_comes_whole() {
    let texts: Vec<_> = (0..180).map(|n| format!("{n}{}", "k".repeat(240))).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let all = zones(&[zone(vec![set("acme.com", RrType::Txt, &texts), set("z.acme.com", RrType::A, &["192.0.2.1"])])]);
    let (mut transfer, mut verifier) = begun(&all, question("acme.com.", RecordType::AXFR));
    let messages = rest(&mut transfer, &mut verifier, 64 * 1024);
    assert_eq!(lines(&messages).len(), 180 + 1 + 4);
}

#[test]
fn nobody_else_is_given_a_zone() {
    let zones = zones(&[zone(vec![])]);
    for (key, name, rtype, transport, code) in [
        ("other.example.", "acme.com.", RecordType::AXFR, Transport::Tcp, ResponseCode::Refused),
        ("other.example.", "nobody.org.", RecordType::AXFR, Transport::Tcp, ResponseCode::Refused),
        ("other.example.", "acme.com.", RecordType::IXFR, Transport::Udp, ResponseCode::Refused),
        ("second.example.", "acme.com.", RecordType::AXFR, Transport::Udp, ResponseCode::Refused),
        ("second.example.", "nobody.org.", RecordType::AXFR, Transport::Tcp, ResponseCode::NotAuth),
        ("second.example.", "www.acme.com.", RecordType::AXFR, Transport::Tcp, ResponseCode::NotAuth),
    ] {
        let (told, bytes, mut verifier) = asked(&zones, key, question(name, rtype), transport);
        assert!(matches!(told, Some(Told::Answer(_))), "{key} {name} {rtype}");
        let answer = verifier.verify(&bytes).expect("it is signed");
        assert_eq!((answer.response_code, answer.answers.len()), (code, 0), "{key} {name} {rtype}");
    }
    for rtype in [RecordType::AXFR, RecordType::IXFR] {
        let answer = ask(&zones, &question("acme.com.", rtype), Transport::Tcp);
        assert_eq!(answer.response_code, ResponseCode::Refused, "whoever has no key at all");
    }
}

#[test]
fn what_has_changed_is_the_whole_zone_or_nothing() {
    let zones = zones(&[Zone { serial: 7, ..zone(vec![]) }]);
    for (message, records) in [
        (since(6), 4),
        (since(7), 1),
        (since(8), 1),
        (since(u32::MAX), 4),
        (question("acme.com.", RecordType::IXFR), 4),
    ] {
        let (mut transfer, mut verifier) = begun(&zones, message);
        let lines = lines(&rest(&mut transfer, &mut verifier, SHORT));
        assert!(lines.len() == records && lines[0].contains(" SOA ") && lines[0].contains(" 7 "), "{lines:?}");
    }
    let (told, bytes, mut verifier) = asked(&zones, "second.example.", since(6), Transport::Udp);
    assert!(matches!(told, Some(Told::Answer(_))));
    let answer = verifier.verify(&bytes).unwrap();
    assert_eq!(answer.answers.len(), 1, "over UDP they are told the version, and come over TCP");
}

#[test]
fn what_is_put_off_says_so() {
    let (transfer, mut verifier) = begun(&zones(&[zone(vec![])]), question("acme.com.", RecordType::AXFR));
    let mut out = vec![];
    transfer.put_off(&mut out);
    assert_eq!(verifier.verify(&out).unwrap().response_code, ResponseCode::ServFail);
}
