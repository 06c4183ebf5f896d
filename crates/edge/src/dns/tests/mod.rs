//! Answers, byte by byte, read by another reader than the one that writes them.

mod answers;
mod hostile;
mod sockets;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use model::dns::{RrSet, RrType, Soa, Zone};

use super::answer::{Transport, answer};
use super::{Rendered, Update, Zones};

pub(super) fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
    RrSet { name: name.into(), rtype, ttl: 300, values: values.iter().map(|one| (*one).into()).collect() }
}

pub(super) fn zone(sets: Vec<RrSet>) -> Zone {
    let contact = "hostmaster.acme.com".into();
    Zone {
        name: "acme.com".into(),
        serial: 1,
        nameservers: vec!["ns1.host.example".into(), "ns2.host.example".into()],
        soa: Soa { contact, refresh: 3600, retry: 600, expire: 1_209_600, minimum: 60, ttl: 3600 },
        sets,
    }
}

pub(super) fn zones(all: &[Zone]) -> Zones {
    let zones = Zones::default();
    let put = all.iter().map(|zone| Rendered::of(zone).unwrap()).collect();
    assert_eq!(zones.publish(Update { put, ..Update::default() }), []);
    zones
}

pub(super) fn question(name: &str, rtype: RecordType) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), rtype));
    message
}

/// The answer to bytes.
pub(super) fn bytes(zones: &Zones, packet: &[u8], transport: Transport) -> Option<Vec<u8>> {
    let mut out = vec![];
    answer(&zones.now(), packet, transport, &mut out).map(|_| out)
}

/// The answer to a message.
pub(super) fn ask(zones: &Zones, message: &Message, transport: Transport) -> Message {
    let answer = bytes(zones, &message.to_vec().unwrap(), transport).expect("an answer");
    Message::from_vec(&answer).expect("an answer that can be read")
}
