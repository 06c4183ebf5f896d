//! What was asked. Hostile bytes are read by `hickory_proto`, and by nobody else.

use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RData};

use super::rtype;

/// The length of a header.
pub(super) const HEADER: usize = 12;

/// What came.
pub(super) enum Request {
    /// Nothing that may be answered: too short for a header, or an answer itself, so that nobody can be made to talk with
    /// us for ever.
    Nothing,
    /// It cannot be read.
    Malformed(Head),
    /// It can.
    Question(Head, Box<Question>),
}

/// What an answer repeats of a header.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) id: u16,
    /// Its four bits.
    pub(super) opcode: u8,
    pub(super) recursion_desired: bool,
}

/// A question.
pub(super) struct Question {
    pub(super) name: Name,
    pub(super) qtype: u16,
    pub(super) qclass: u16,
    pub(super) edns: Option<Edns>,
    pub(super) tsig: Option<Tsig>,
    /// The version of the zone that the asker has, where it asks for what has changed since (RFC 1995 §3).
    pub(super) serial: Option<u32>,
}

/// What the asker says about itself (RFC 6891).
#[derive(Clone, Copy)]
pub(super) struct Edns {
    pub(super) version: u8,
    /// How long an answer over UDP may be.
    pub(super) payload: u16,
    pub(super) dnssec_ok: bool,
}

/// The signature that came with a question (RFC 8945 §4.2).
pub(super) struct Tsig {
    /// The name of the key, in wire form and lower case.
    pub(super) key: Vec<u8>,
    /// The name of the algorithm, in wire form and lower case.
    pub(super) algorithm: Vec<u8>,
    /// When it was signed.
    pub(super) time: u64,
    /// How far that may be off, in seconds.
    pub(super) fudge: u16,
    pub(super) mac: Vec<u8>,
}

/// The opcode of an ordinary question.
pub(super) const QUERY: u8 = 0;

impl Request {
    /// Reads a message.
    pub(super) fn read(packet: &[u8]) -> Self {
        let Some(&[first, second, flags, ..]) = packet.first_chunk::<HEADER>() else { return Self::Nothing };
        if flags & 0x80 != 0 {
            return Self::Nothing;
        }
        let head = Head {
            id: u16::from_be_bytes([first, second]),
            opcode: flags >> 3 & 0x0f,
            recursion_desired: flags & 1 != 0,
        };
        match Message::from_vec(packet) {
            Ok(message) => match Question::of(message) {
                Some(question) => Self::Question(head, Box::new(question)),
                None => Self::Malformed(head),
            },
            Err(_) => Self::Malformed(head),
        }
    }
}

impl Question {
    /// The one question of a message; `None` where there are several or none (RFC 9619).
    fn of(mut message: Message) -> Option<Self> {
        let tsig = Tsig::of(&mut message);
        let query = message.queries.pop().filter(|_| message.queries.is_empty())?;
        let edns = message.edns.as_ref().map(|edns| Edns {
            version: edns.version(),
            payload: edns.max_payload(),
            dnssec_ok: edns.flags().dnssec_ok,
        });
        let (qtype, qclass) = (query.query_type().into(), query.query_class().into());
        let serial = match message.authorities.first().map(|record| &record.data) {
            Some(RData::SOA(soa)) if qtype == rtype::IXFR => Some(soa.serial),
            _ => None,
        };
        Some(Self { name: query.name().clone(), qtype, qclass, edns, tsig, serial })
    }
}

impl Tsig {
    /// The signature of a message.
    fn of(message: &mut Message) -> Option<Self> {
        let signature = message.take_signature()?;
        let tsig = signature.data;
        let (key, algorithm) = (wire(&signature.name), wire(&tsig.algorithm.to_name()));
        Some(Self { key, algorithm, time: tsig.time, fudge: tsig.fudge, mac: tsig.mac })
    }
}

fn wire(name: &Name) -> Vec<u8> {
    let mut wire = Vec::with_capacity(name.len() + 1);
    for label in name.iter() {
        wire.push(u8::try_from(label.len()).unwrap_or_default());
        wire.extend_from_slice(&label.to_ascii_lowercase());
    }
    wire.push(0);
    wire
}
