//! Answers, byte by byte, read by another reader than the one that writes them.

mod answers;
mod handing_over;
mod hostile;
mod signatures;
mod sockets;
mod transfers;

use std::sync::Arc;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::tsig::TsigAlgorithm;
use hickory_proto::rr::{Name, RecordType, TSigner};
use model::clock::{Clock, Time};
use model::dns::{RrSet, RrType, Soa, Zone};

use super::answer::{Known, Transport, answer};
use super::{Key, Keys, Rendered, Update, Zones};

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

/// The answer to bytes, from somebody who shares no key with anybody.
pub(super) fn bytes(zones: &Zones, packet: &[u8], transport: Transport) -> Option<Vec<u8>> {
    let mut out = vec![];
    let known = Known { zones: &zones.now(), keys: &Keys::default(), clock: &Standing };
    answer(&known, packet, transport, &mut out).map(|_| out)
}

/// A clock that stands.
pub(super) struct Standing;

impl Clock for Standing {
    fn now(&self) -> Time {
        Time(1_000_000_000)
    }
}

/// What [`Standing`] shows, in seconds.
pub(super) const NOW: u64 = 1_000;

/// Keys of both sides: one that may have whole zones, and one that may not.
pub(super) fn keys() -> Keys {
    let key = |name, may_transfer| Arc::new(Key::new(name, "", &SECRET.into(), may_transfer).unwrap());
    [key("second.example", true), key("other.example", false)].into_iter().collect()
}

/// The secret of all keys here, which is `hush`.
const SECRET: &str = "aHVzaA==";

/// How somebody signs who has a key of this name.
pub(super) fn signer(name: &str) -> TSigner {
    TSigner::new(b"hush".to_vec(), TsigAlgorithm::HmacSha256, Name::from_ascii(name).unwrap(), 300).unwrap()
}

/// The answer to a message.
pub(super) fn ask(zones: &Zones, message: &Message, transport: Transport) -> Message {
    let answer = bytes(zones, &message.to_vec().unwrap(), transport).expect("an answer");
    Message::from_vec(&answer).expect("an answer that can be read")
}
