//! Signed questions, and what is said of signatures that are not right.

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::TSigVerifier;
use hickory_proto::rr::rdata::TSIG;
use hickory_proto::rr::rdata::tsig::TsigError;

use super::*;
use crate::dns::answer::Told;

/// A signed question, as it goes on the wire.
fn signed(signer: &TSigner, mut message: Message, at: u64) -> (Vec<u8>, TSigVerifier) {
    let verifier = message.finalize(signer, at).unwrap().unwrap();
    (message.to_vec().unwrap(), verifier)
}

fn answered(zones: &Zones, packet: &[u8], transport: Transport) -> Vec<u8> {
    let mut out = vec![];
    let known = Known { zones: &zones.now(), keys: &keys(), clock: &Standing };
    let told = answer(&known, packet, transport, &mut out);
    assert!(matches!(told, Some(Told::Answer(_))));
    out
}

fn long() -> Zones {
    let texts: Vec<_> = (0..20).map(|n| format!("{n}{}", "k".repeat(200))).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    zones(&[zone(vec![set("acme.com", RrType::Txt, &texts), set("acme.com", RrType::A, &["192.0.2.1"])])])
}

/// What is said of a signature that was changed, and whether what is said is signed itself.
fn told(change: impl Fn(&mut TSIG)) -> (ResponseCode, Option<TSIG>, bool) {
    let mut message = question("acme.com.", RecordType::SOA);
    let mut verifier = message.finalize(&signer("second.example."), NOW).unwrap().unwrap();
    let mut signature = message.take_signature().unwrap();
    change(&mut signature.data);
    message.set_signature(signature);
    let bytes = answered(&long(), &message.to_vec().unwrap(), Transport::Tcp);
    let answer = Message::from_vec(&bytes).unwrap();
    assert!(answer.answers.is_empty());
    let is_signed = verifier.verify(&bytes).is_ok();
    (answer.response_code, answer.signature().map(|signature| signature.data.clone()), is_signed)
}

#[test]
fn a_signed_question_has_a_signed_answer() {
    for transport in [Transport::Udp, Transport::Tcp] {
        for (name, rtype, code) in [
            ("acme.com.", RecordType::A, ResponseCode::NoError),
            ("nobody.acme.com.", RecordType::A, ResponseCode::NXDomain),
            ("other.org.", RecordType::A, ResponseCode::Refused),
        ] {
            let (packet, mut verifier) = signed(&signer("Other.Example."), question(name, rtype), NOW);
            let bytes = answered(&long(), &packet, transport);
            verifier.verify(&bytes).expect("it is signed by whoever has the key");
            assert_eq!(Message::from_vec(&bytes).unwrap().response_code, code, "{name}");
            // One letter is another one.
            let at = bytes.len() / 4;
            let other: Vec<_> = bytes.iter().enumerate().map(|(n, byte)| byte ^ u8::from(n == at)).collect();
            assert!(verifier.verify(&other).is_err());
        }
    }
}

#[test]
fn a_signature_takes_its_room_of_an_answer() {
    let zones = long();
    let (packet, mut verifier) = signed(&signer("second.example."), question("acme.com.", RecordType::TXT), NOW);
    let bytes = answered(&zones, &packet, Transport::Udp);
    assert!(bytes.len() <= 512 && Message::from_vec(&bytes).unwrap().truncation);
    assert!(verifier.verify(&bytes).is_ok());
    let (packet, mut verifier) = signed(&signer("second.example."), question("acme.com.", RecordType::TXT), NOW);
    let bytes = answered(&zones, &packet, Transport::Tcp);
    assert_eq!(verifier.verify(&bytes).unwrap().answers.len(), 20);
}

#[test]
fn what_is_signed_by_others_is_not_believed() {
    let error = |tsig: Option<TSIG>| {
        let tsig = tsig.unwrap();
        assert_eq!(tsig.mac, b"", "nothing is signed for whoever does not have the key");
        tsig.error
    };
    let (code, tsig, is_signed) = told(|tsig| tsig.mac[3] ^= 1);
    assert_eq!((code, error(tsig), is_signed), (ResponseCode::NotAuth, Some(TsigError::BadSig), false));
    let (code, tsig, _) = told(|tsig| tsig.time += 1);
    assert_eq!((code, error(tsig)), (ResponseCode::NotAuth, Some(TsigError::BadSig)), "the time is signed too");
    let (code, tsig, _) = told(|tsig| tsig.algorithm = TsigAlgorithm::HmacSha512);
    assert_eq!((code, error(tsig)), (ResponseCode::NotAuth, Some(TsigError::BadKey)), "not the key's algorithm");
    let (packet, _) = signed(&signer("nobody.example."), question("acme.com.", RecordType::SOA), NOW);
    let answer = Message::from_vec(&answered(&long(), &packet, Transport::Tcp)).unwrap();
    let tsig = answer.signature().map(|signature| signature.data.clone());
    assert_eq!((answer.response_code, error(tsig)), (ResponseCode::NotAuth, Some(TsigError::BadKey)));
}

#[test]
fn a_clock_that_is_off_is_told_what_ours_shows() {
    for (at, is_fine) in [(NOW - 300, true), (NOW + 299, true), (NOW - 301, false), (NOW + 301, false)] {
        let (packet, mut verifier) = signed(&signer("second.example."), question("acme.com.", RecordType::SOA), at);
        let bytes = answered(&long(), &packet, Transport::Tcp);
        let answer = Message::from_vec(&bytes).unwrap();
        assert_eq!(answer.response_code == ResponseCode::NoError, is_fine, "{at}");
        assert!(verifier.verify(&bytes).is_ok(), "it is signed, at their own time");
        let tsig = &answer.signature().unwrap().data;
        if !is_fine {
            assert_eq!((answer.response_code, tsig.error), (ResponseCode::NotAuth, Some(TsigError::BadTime)));
            assert_eq!((tsig.time, tsig.other.as_slice()), (at, &NOW.to_be_bytes()[2..]));
        }
    }
}

#[test]
fn a_signature_that_was_cut_short_is_told_so() {
    let (code, tsig, is_signed) = told(|tsig| tsig.mac.truncate(16));
    assert_eq!((code, tsig.unwrap().error, is_signed), (ResponseCode::NotAuth, Some(TsigError::BadTrunc), false));
    let (code, tsig, _) = told(|tsig| tsig.mac.truncate(15));
    assert_eq!((code, tsig.is_none()), (ResponseCode::FormErr, true), "so short that anybody could guess it");
    assert_eq!(told(|tsig| tsig.mac.clear()).0, ResponseCode::FormErr);
    assert_eq!(told(|tsig| tsig.mac.push(0)).0, ResponseCode::FormErr);
}
