//! Whatever comes: it is answered so that it can be read, or not at all.

use std::str::FromStr as _;

use hickory_proto::rr::RData;
use model::dns::RrType;
use proptest::prelude::*;

use super::super::answer::{Told, send_to_tcp};
use super::super::reply::PAYLOAD;
use super::*;

const NAMES: [&str; 8] = ["", "a.", "b.", "a.b.", "*.", "*.a.", "*.b.", "c.a.b."];

/// Any zone of few names, so that they are often above and below each other.
fn any_zone() -> impl Strategy<Value = Zone> {
    let one = (0..NAMES.len(), 0..6_usize).prop_map(|(name, kind)| {
        let name = format!("{}acme.com", NAMES[name]);
        match kind {
            0 => set(&name, RrType::A, &["192.0.2.1", "192.0.2.2"]),
            1 => set(&name, RrType::Txt, &["text"]),
            2 => set(&name, RrType::Cname, &["a.b.acme.com"]),
            3 => set(&name, RrType::Cname, &["shops.example"]),
            4 => set(&name, RrType::Ns, &["a.acme.com", "ns.c.a.b.acme.com"]),
            _ => set(&name, RrType::Mx, &["10 a.acme.com", "20 b.acme.com"]),
        }
    });
    prop::collection::vec(one, 0..12).prop_map(|sets| {
        let mut kept = zone(vec![]);
        for set in sets {
            kept.sets.push(set);
            if kept.check().is_err() {
                kept.sets.pop();
            }
        }
        kept
    })
}

fn any_question() -> impl Strategy<Value = Message> {
    let labels = prop::collection::vec("[abc*zA]", 0..4);
    let rtype = prop::sample::select(vec![1_u16, 2, 5, 6, 15, 16, 28, 43, 255, 65]);
    (labels, rtype, any::<bool>(), any::<u16>()).prop_map(|(labels, rtype, has_edns, payload)| {
        let name = [labels, vec!["acme.com.".to_owned()]].concat().join(".");
        let mut message = question(&name, RecordType::from(rtype));
        if has_edns {
            let mut edns = hickory_proto::op::Edns::new();
            edns.set_max_payload(payload);
            message.set_edns(edns);
        }
        message
    })
}

/// A good message with some bytes of it changed, cut off or added.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (any_question(), changes, any::<prop::sample::Index>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..9))
        .prop_map(|(message, changes, end, is_cut, more)| {
            let mut packet = message.to_vec().unwrap();
            for (at, byte) in changes {
                let at = at.index(packet.len());
                packet[at] = byte;
            }
            if is_cut {
                packet.truncate(end.index(packet.len() + 1));
            }
            packet.extend(more);
            packet
        })
}

/// An answer to whatever was asked keeps to the protocol.
fn judge(packet: &[u8], answer: Option<Vec<u8>>, most: usize) -> Result<(), TestCaseError> {
    let Some(answer) = answer else {
        prop_assert!(packet.len() < 12 || packet[2] & 0x80 != 0, "a question is answered");
        return Ok(());
    };
    prop_assert!(answer.len() <= most, "{} bytes", answer.len());
    prop_assert_eq!(&answer[..2], &packet[..2], "its id");
    prop_assert_eq!((answer[2] ^ packet[2]) & 0x79, 0, "its opcode and RD");
    prop_assert_eq!((answer[2] & 0x80, answer[3] & 0xf0), (0x80, 0), "flags");
    Message::from_vec(&answer).map_err(|error| TestCaseError::fail(format!("{error}: {answer:02x?}")))?;
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_survived(zone in any_zone(), packet in prop::collection::vec(any::<u8>(), 0..600)) {
        let zones = zones(&[zone]);
        judge(&packet, bytes(&zones, &packet, Transport::Udp), usize::from(PAYLOAD))?;
        judge(&packet, bytes(&zones, &packet, Transport::Tcp), 65_535)?;
    }

    #[test]
    fn mangled_questions_are_survived(zone in any_zone(), packet in mangled()) {
        let zones = zones(&[zone]);
        judge(&packet, bytes(&zones, &packet, Transport::Udp), usize::from(PAYLOAD))?;
        judge(&packet, bytes(&zones, &packet, Transport::Tcp), 65_535)?;
        let mut out = vec![];
        if send_to_tcp(&packet, &mut out) {
            judge(&packet, Some(out.clone()), packet.len().max(512))?;
            prop_assert!(out[2] & 0x02 != 0);
        }
    }

    /// What every answer from a zone has, whatever the zone.
    #[test]
    fn every_answer_is_sound(zone in any_zone(), message in any_question()) {
        let zones = zones(std::slice::from_ref(&zone));
        let answer = ask(&zones, &message, Transport::Tcp);
        prop_assert_eq!(&answer.queries, &message.queries);
        prop_assert!(answer.queries[0].name().eq_case(message.queries[0].name()));
        prop_assert!(!answer.truncation);
        let code = u16::from(answer.response_code);
        prop_assert!(code == 0 || code == 3, "{}", code);
        let has = |records: &[hickory_proto::rr::Record], rtype| records.iter().any(|one| one.record_type() == rtype);
        let has_soa = has(&answer.authorities, RecordType::SOA);
        let is_referral = has(&answer.authorities, RecordType::NS);
        prop_assert!(!(has_soa && is_referral));
        prop_assert!(code == 0 || has_soa, "no such name, said with the SOA");
        prop_assert_eq!(answer.authoritative, !is_referral || !answer.answers.is_empty());
        // The records of the answer are a chain from the question on.
        let mut owner = message.queries[0].name().clone();
        for record in &answer.answers {
            prop_assert_eq!(&record.name, &owner);
            if let RData::CNAME(next) = &record.data
                && message.queries[0].query_type() != RecordType::CNAME
                && message.queries[0].query_type() != RecordType::ANY
            {
                owner = next.0.clone();
            }
        }
        let mut seen: Vec<_> = answer.answers.iter().map(|one| format!("{one}")).collect();
        seen.sort();
        seen.dedup();
        prop_assert_eq!(seen.len(), answer.answers.len(), "nothing twice");
    }

    /// A name with records is never said not to exist, nor one above it.
    #[test]
    fn nothing_that_exists_is_denied(zone in any_zone(), rtype in prop::sample::select(vec![1_u16, 16, 65])) {
        let zones = zones(std::slice::from_ref(&zone));
        for set in &zone.sets {
            let labels: Vec<_> = set.name.split('.').collect();
            for above in 0..labels.len() - 2 {
                let name = Name::from_str(&format!("{}.", labels[above..].join("."))).unwrap();
                let mut message = question("acme.com.", RecordType::from(rtype));
                message.queries[0].set_name(name);
                let answer = ask(&zones, &message, Transport::Tcp);
                // What it stands for may well be missing.
                prop_assert!(u16::from(answer.response_code) == 0 || !answer.answers.is_empty(), "{}", message);
            }
        }
    }

    /// Of a signed question nothing can be changed that matters: whatever comes of it is asked for by whoever has the key, or it
    /// is no transfer.
    #[test]
    fn a_transfer_is_never_of_what_was_not_asked_for(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        is_asked in any::<bool>(),
    ) {
        let zones = zones(&[zone(vec![]), Zone { name: "bcme.com".into(), ..zone(vec![]) }]);
        let rtype = if is_asked { RecordType::AXFR } else { RecordType::SOA };
        let mut message = question("acme.com.", rtype);
        message.finalize(&signer("second.example."), NOW).unwrap();
        let mut packet = message.to_vec().unwrap();
        for (at, byte) in changes {
            let at = at.index(packet.len());
            packet[at] = byte;
        }
        let mut out = vec![];
        let known = Known { zones: &zones.now(), keys: &keys(), clock: &Standing };
        match answer(&known, &packet, Transport::Tcp, &mut out) {
            Some(Told::Transfer(mut transfer)) => {
                prop_assert!(is_asked && transfer.write(NOW, &mut out));
                let first = Message::from_vec(&out).unwrap();
                prop_assert_eq!(first.answers[0].name.to_string(), "acme.com.");
            }
            Some(Told::Answer(_)) => prop_assert!(Message::from_vec(&out).is_ok()),
            None => {}
        }
    }
}
