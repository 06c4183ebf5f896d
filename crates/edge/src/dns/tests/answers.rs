use hickory_proto::op::{Edns, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::NULL;
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use model::dns::RrType;

use super::super::reply::PAYLOAD;
use super::*;

/// A zone with one of everything.
fn everything() -> Zones {
    zones(&[
        zone(vec![
            set("acme.com", RrType::A, &["192.0.2.1", "192.0.2.2"]),
            set("acme.com", RrType::Mx, &["1 smtp.google.com", "5 mail.acme.com"]),
            set("acme.com", RrType::Txt, &["v=spf1 -all", &"k".repeat(600)]),
            set("acme.com", RrType::Caa, &["0 issue \"ca.example\""]),
            set("mail.acme.com", RrType::A, &["192.0.2.3"]),
            set("mail.acme.com", RrType::Aaaa, &["2001:db8::3"]),
            set("a.between.acme.com", RrType::A, &["192.0.2.4"]),
            set("_sip._tcp.acme.com", RrType::Srv, &["0 5 5060 mail.acme.com"]),
            set("www.acme.com", RrType::Cname, &["acme.com"]),
            set("out.acme.com", RrType::Cname, &["shops.example"]),
            set("lost.acme.com", RrType::Cname, &["nobody.acme.com"]),
            set("round.acme.com", RrType::Cname, &["trip.acme.com"]),
            set("trip.acme.com", RrType::Cname, &["round.acme.com"]),
            set("far.acme.com", RrType::Cname, &["www.sub.acme.com"]),
            set("*.wild.acme.com", RrType::Txt, &["any"]),
            set("there.wild.acme.com", RrType::A, &["192.0.2.5"]),
            set("*.alias.acme.com", RrType::Cname, &["mail.acme.com"]),
            set("sub.acme.com", RrType::Ns, &["ns.sub.acme.com", "mail.acme.com", "ns.elsewhere.example"]),
            set("ns.sub.acme.com", RrType::A, &["192.0.2.7"]),
            set("hidden.sub.acme.com", RrType::A, &["192.0.2.8"]),
        ]),
        Zone { name: "child.acme.com".into(), ..zone(vec![]) },
    ])
}

/// The answer in short: code, flags, and the sections with owner, type and TTL.
fn told(name: &str, rtype: RecordType) -> String {
    let answer = ask(&everything(), &question(name, rtype), Transport::Tcp);
    let section = |records: &[Record]| {
        let line = |one: &Record| format!("{} {} {}", one.name, one.ttl, one.record_type());
        records.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    let flag = |is: bool, name: &str| if is { name.to_owned() } else { String::new() };
    let flags = flag(answer.authoritative, " aa") + &flag(answer.truncation, " tc");
    let sections = [&answer.answers, &answer.authorities, &answer.additionals].map(|one| section(one));
    format!("{}{flags}: {}", answer.response_code, sections.join(" | ")).trim_end_matches([' ', '|']).to_owned()
}

const SOA: &str = "acme.com. 60 SOA";

#[test]
fn what_is_there_is_answered() {
    use RecordType::{A, AAAA, CAA, MX, NS, SRV};
    for (name, rtype, answer) in [
        ("acme.com.", A, "No Error aa: acme.com. 300 A, acme.com. 300 A"),
        ("acme.com.", MX, "No Error aa: acme.com. 300 MX, acme.com. 300 MX"),
        ("acme.com.", NS, "No Error aa: acme.com. 3600 NS, acme.com. 3600 NS"),
        ("acme.com.", RecordType::SOA, "No Error aa: acme.com. 3600 SOA"),
        ("acme.com.", CAA, "No Error aa: acme.com. 300 CAA"),
        ("_sip._tcp.acme.com.", SRV, "No Error aa: _sip._tcp.acme.com. 300 SRV"),
        ("mail.acme.com.", AAAA, "No Error aa: mail.acme.com. 300 AAAA"),
        ("www.acme.com.", A, "No Error aa: www.acme.com. 300 CNAME, acme.com. 300 A, acme.com. 300 A"),
        ("www.acme.com.", RecordType::CNAME, "No Error aa: www.acme.com. 300 CNAME"),
        ("out.acme.com.", A, "No Error aa: out.acme.com. 300 CNAME"),
    ] {
        assert_eq!(told(name, rtype), answer, "{name} {rtype}");
    }
}

#[test]
fn what_is_not_there_is_answered_with_the_soa_and_how_long_that_holds() {
    use RecordType::{A, AAAA, MX};
    for (name, rtype, answer) in [
        ("mail.acme.com.", MX, format!("No Error aa: | {SOA}")),
        ("between.acme.com.", A, format!("No Error aa: | {SOA}")),
        ("_tcp.acme.com.", A, format!("No Error aa: | {SOA}")),
        ("nobody.acme.com.", A, format!("Non-Existent Domain aa: | {SOA}")),
        ("b.between.acme.com.", A, format!("Non-Existent Domain aa: | {SOA}")),
        ("below.mail.acme.com.", A, format!("Non-Existent Domain aa: | {SOA}")),
        ("www.acme.com.", AAAA, format!("No Error aa: www.acme.com. 300 CNAME | {SOA}")),
        ("lost.acme.com.", A, format!("Non-Existent Domain aa: lost.acme.com. 300 CNAME | {SOA}")),
    ] {
        assert_eq!(told(name, rtype), answer.replace(": |", ":  |"), "{name} {rtype}");
    }
}

#[test]
fn wildcards_stand_for_what_is_not_there() {
    use RecordType::{A, TXT};
    for (name, rtype, answer) in [
        ("a.wild.acme.com.", TXT, "No Error aa: a.wild.acme.com. 300 TXT".to_owned()),
        ("a.b.wild.acme.com.", TXT, "No Error aa: a.b.wild.acme.com. 300 TXT".to_owned()),
        ("*.wild.acme.com.", TXT, "No Error aa: *.wild.acme.com. 300 TXT".to_owned()),
        ("a.wild.acme.com.", A, format!("No Error aa:  | {SOA}")),
        ("there.wild.acme.com.", TXT, format!("No Error aa:  | {SOA}")),
        ("below.there.wild.acme.com.", TXT, format!("Non-Existent Domain aa:  | {SOA}")),
        ("any.alias.acme.com.", A, "No Error aa: any.alias.acme.com. 300 CNAME, mail.acme.com. 300 A".to_owned()),
    ] {
        assert_eq!(told(name, rtype), answer, "{name} {rtype}");
    }
}

#[test]
fn what_is_delegated_is_referred_with_the_addresses_that_nobody_else_has() {
    let servers = "sub.acme.com. 300 NS, sub.acme.com. 300 NS, sub.acme.com. 300 NS";
    let glue = "ns.sub.acme.com. 300 A, mail.acme.com. 300 A, mail.acme.com. 300 AAAA";
    for name in ["sub.acme.com.", "www.sub.acme.com.", "hidden.sub.acme.com.", "ns.sub.acme.com."] {
        assert_eq!(told(name, RecordType::A), format!("No Error:  | {servers} | {glue}"), "{name}");
    }
    assert_eq!(told("sub.acme.com.", RecordType::NS), format!("No Error:  | {servers} | {glue}"));
    assert_eq!(told("sub.acme.com.", RecordType::DS), format!("No Error aa:  | {SOA}"), "the parent is asked");
    assert_eq!(
        told("far.acme.com.", RecordType::A),
        format!("No Error aa: far.acme.com. 300 CNAME | {servers} | {glue}")
    );
}

#[test]
fn a_zone_below_another_one_answers_for_itself_but_for_who_signs_it() {
    assert_eq!(told("child.acme.com.", RecordType::SOA), "No Error aa: child.acme.com. 3600 SOA");
    assert_eq!(told("a.child.acme.com.", RecordType::A), "Non-Existent Domain aa:  | child.acme.com. 60 SOA");
    assert_eq!(told("child.acme.com.", RecordType::DS), format!("Non-Existent Domain aa:  | {SOA}"));
    assert_eq!(told("acme.com.", RecordType::DS), format!("No Error aa:  | {SOA}"));
}

#[test]
fn a_circle_of_names_ends() {
    let circle = "No Error aa: round.acme.com. 300 CNAME, trip.acme.com. 300 CNAME";
    assert_eq!(told("round.acme.com.", RecordType::A), circle);
}

#[test]
fn any_is_answered_with_one_set() {
    assert_eq!(told("acme.com.", RecordType::ANY), "No Error aa: acme.com. 300 A, acme.com. 300 A");
    assert_eq!(told("www.acme.com.", RecordType::ANY), "No Error aa: www.acme.com. 300 CNAME");
    assert_eq!(told("a.wild.acme.com.", RecordType::ANY), "No Error aa: a.wild.acme.com. 300 TXT");
    assert_eq!(told("between.acme.com.", RecordType::ANY), format!("No Error aa:  | {SOA}"));
}

#[test]
fn what_is_not_ours_or_not_for_strangers_is_refused() {
    for (name, rtype) in [
        ("example.org.", RecordType::A),
        ("com.", RecordType::NS),
        (".", RecordType::NS),
        ("acme.com.", RecordType::AXFR),
        ("acme.com.", RecordType::IXFR),
    ] {
        assert_eq!(told(name, rtype), "Query Refused:", "{name} {rtype}");
    }
    let zones = everything();
    let mut message = question("version.bind.", RecordType::TXT);
    message.queries[0].set_query_class(DNSClass::CH);
    assert_eq!(ask(&zones, &message, Transport::Udp).response_code, ResponseCode::Refused);
    for opcode in [OpCode::Notify, OpCode::Update, OpCode::Status, OpCode::Unknown(15)] {
        let mut message = question("acme.com.", RecordType::SOA);
        message.metadata.op_code = opcode;
        let answer = ask(&zones, &message, Transport::Udp);
        assert_eq!((answer.response_code, answer.op_code), (ResponseCode::NotImp, opcode));
    }
}

#[test]
fn the_letters_of_the_question_are_kept_and_the_header_is_right() {
    let mut message = question("WwW.aCmE.CoM.", RecordType::A);
    message.metadata.checking_disabled = true;
    message.metadata.authentic_data = true;
    let answer = ask(&everything(), &message, Transport::Udp);
    assert_eq!(answer.queries[0].name().to_string(), "WwW.aCmE.CoM.");
    assert_eq!(answer.answers[0].name.to_string(), "WwW.aCmE.CoM.");
    let head = &answer.metadata;
    assert_eq!((head.id, head.message_type, head.op_code), (4711, MessageType::Response, OpCode::Query));
    assert!(head.recursion_desired && !head.recursion_available && head.authoritative);
    assert!(!head.authentic_data && !head.checking_disabled && !head.truncation);
    assert!(answer.edns.is_none(), "whoever sends none gets none");
}

#[test]
fn a_long_text_is_cut_only_on_the_wire() {
    let answer = ask(&everything(), &question("acme.com.", RecordType::TXT), Transport::Tcp);
    let RData::TXT(text) = &answer.answers[1].data else { panic!("a text") };
    let lengths: Vec<_> = text.txt_data.iter().map(|one| one.len()).collect();
    assert_eq!(lengths, [255, 255, 90]);
}

#[test]
fn names_are_written_once() {
    let packet = question("www.acme.com.", RecordType::A).to_vec().unwrap();
    let answer = bytes(&everything(), &packet, Transport::Udp).unwrap();
    let times = answer.windows(9).filter(|window| window == b"\x04acme\x03com").count();
    assert_eq!(times, 1);
}

fn with_edns(mut message: Message, change: impl FnOnce(&mut Edns)) -> Message {
    let mut edns = Edns::new();
    edns.set_max_payload(4096);
    change(&mut edns);
    message.set_edns(edns);
    message
}

#[test]
fn edns_is_answered_with_edns() {
    let zones = everything();
    let plain = with_edns(question("acme.com.", RecordType::A), |edns| {
        edns.set_dnssec_ok(true);
        edns.flags_mut().z = 0x80;
    });
    let edns = ask(&zones, &plain, Transport::Udp).edns.unwrap();
    assert_eq!((edns.version(), edns.max_payload()), (0, PAYLOAD));
    assert_eq!((edns.flags().dnssec_ok, edns.flags().z), (true, 0));

    let newer = with_edns(question("acme.com.", RecordType::A), |edns| _ = edns.set_version(1));
    let answer = ask(&zones, &newer, Transport::Udp);
    assert_eq!(u16::from(answer.response_code), 16, "BADVERS");
    assert_eq!(answer.edns.unwrap().version(), 0);
    assert!(answer.answers.is_empty());

    let refused = with_edns(question("example.org.", RecordType::A), |_| {});
    assert!(ask(&zones, &refused, Transport::Udp).edns.is_some());
}

#[test]
fn what_does_not_fit_over_udp_is_told_whole_over_tcp() {
    let zones = everything();
    let short = question("acme.com.", RecordType::TXT);
    let answer = ask(&zones, &short, Transport::Udp);
    assert!(answer.truncation && answer.answers.is_empty());
    let tiny = with_edns(short.clone(), |edns| _ = edns.set_max_payload(100));
    assert!(ask(&zones, &tiny, Transport::Udp).truncation, "less than 512 is 512");
    let long = with_edns(short.clone(), |_| {});
    assert_eq!(ask(&zones, &long, Transport::Udp).answers.len(), 2);
    assert_eq!(ask(&zones, &short, Transport::Tcp).answers.len(), 2);
}

#[test]
fn nobody_is_sent_more_over_udp_than_passes_in_one_piece() {
    let texts: Vec<_> = (0..20).map(|n| format!("{n}{}", "k".repeat(200))).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let zones = zones(&[zone(vec![set("acme.com", RrType::Txt, &texts)])]);
    let message = with_edns(question("acme.com.", RecordType::TXT), |edns| _ = edns.set_max_payload(65_535));
    let packet = message.to_vec().unwrap();
    assert!(bytes(&zones, &packet, Transport::Udp).unwrap().len() <= usize::from(PAYLOAD));
    assert!(ask(&zones, &message, Transport::Udp).truncation);
    assert_eq!(ask(&zones, &message, Transport::Tcp).answers.len(), 20);
}

#[test]
fn a_signed_question_is_told_that_its_key_is_not_known() {
    // The algorithm, time and fudge, a MAC of four bytes, id, error, nothing else.
    let mut rdata = b"\x0bhmac-sha256\0".to_vec();
    rdata.extend_from_slice(&[0, 0, 1, 2, 3, 4, 1, 44, 0, 4, 9, 9, 9, 9, 0x12, 0x67, 0, 0, 0, 0]);
    let data = RData::Unknown { code: RecordType::TSIG, rdata: NULL::with(rdata) };
    let mut record = Record::from_rdata(Name::from_ascii("key.example.").unwrap(), 0, data);
    record.dns_class = DNSClass::ANY;
    let mut message = question("acme.com.", RecordType::A);
    message.add_additional(record);
    let answer = ask(&everything(), &message, Transport::Udp);
    assert_eq!(answer.response_code, ResponseCode::NotAuth);
    // Where it is depends on how `hickory_proto` was built.
    let (name, class, tsig) = match (&answer.signature, answer.additionals.last()) {
        (Some(signature), _) => (&signature.name, signature.dns_class, &signature.data),
        (None, Some(Record { name, dns_class, data: RData::TSIG(tsig), .. })) => (name, *dns_class, tsig),
        _ => panic!("a signature"),
    };
    assert_eq!((name.to_string().as_str(), class), ("key.example.", DNSClass::ANY));
    assert_eq!((tsig.time, tsig.fudge, tsig.oid), (0x0102_0304, 300, 0x1267));
    assert_eq!((tsig.algorithm.to_string().as_str(), tsig.mac.len()), ("hmac-sha256", 0));
    assert_eq!(tsig.error.as_ref().map(|error| u16::from(*error)), Some(17), "BADKEY");
}
