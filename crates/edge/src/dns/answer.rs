//! The answer to a message: plain, bytes in and bytes out.

use model::clock::{Clock, SECOND};

use super::keys::Keys;
use super::lookup::{self, Found};
use super::name::Lower;
use super::rendered::{Rendered, Set};
use super::reply::{Full, Owner, PAYLOAD, Reply, Section, rcode};
use super::request::{self, Edns, Head, Question, Request};
use super::rtype;
use super::signed;
use super::transfer::{Transfer, is_asked_for};
use super::zones::Snapshot;

/// How long an answer over UDP is to whoever says nothing about it (RFC 1035 §4.2.1).
const SHORT: u16 = 512;
/// How many names that stand for others are followed.
const MOST_ALIASES: usize = 8;

/// What a message came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "RFC 1035 says it")]
pub enum Transport {
    Udp,
    Tcp,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    /// Its code.
    pub(super) rcode: u16,
    /// What the answer is about, as a number: answers with the same one are the same for whoever wants to fill
    /// somebody's line with them.
    pub(super) about: u64,
}

/// What questions are answered from.
pub(super) struct Known<'k> {
    pub(super) zones: &'k Snapshot,
    pub(super) keys: &'k Keys,
    pub(super) clock: &'k dyn Clock,
}

impl Known<'_> {
    /// What the machine's clock shows, in seconds since 1970: what signatures are held against.
    pub(super) fn seconds(&self) -> u64 {
        u64::try_from(self.clock.wall().0 / SECOND).unwrap_or_default()
    }
}

/// What becomes of a message.
pub(super) enum Told {
    /// An answer was written.
    Answer(Answered),
    /// A whole zone goes over TCP; nothing was written yet.
    Transfer(Box<Transfer>),
}

/// Writes the answer to a message into `out`. `None` where it may not be answered.
pub(super) fn answer(known: &Known<'_>, packet: &[u8], transport: Transport, out: &mut Vec<u8>) -> Option<Told> {
    let answered = match Request::read(packet) {
        Request::Nothing => None,
        Request::Malformed(head) => {
            let rcode = if head.opcode == request::QUERY { rcode::FORMAT } else { rcode::NOT_IMPLEMENTED };
            Reply::new(out, head, None, usize::from(SHORT)).finish(rcode, false);
            Some(Answered::without(rcode))
        }
        Request::Question(head, question) if question.tsig.is_some() => {
            return Some(signed::to_question(known, head, question, (packet, transport), out));
        }
        Request::Question(head, question) => {
            Some(to_question(known.zones, head, &question, longest(transport, question.edns), out))
        }
    };
    answered.map(Told::Answer)
}

/// Makes of an answer over UDP one that only sends its asker to TCP.
pub(super) fn send_to_tcp(packet: &[u8], out: &mut Vec<u8>) -> bool {
    let Request::Question(head, question) = Request::read(packet) else { return false };
    let mut reply = begin(head, &question, SHORT.into(), out);
    reply.truncate();
    reply.edns(rcode::NO_ERROR);
    reply.finish(rcode::NO_ERROR, false);
    true
}

impl Answered {
    /// One that has nothing to do with a zone.
    pub(super) const fn without(rcode: u16) -> Self {
        Self { rcode, about: rcode as u64 }
    }
}

/// What an answer is beside its records.
struct Kind {
    rcode: u16,
    authoritative: bool,
    /// Which set of the zone it is about; `None` where it is about what is not there.
    set: Option<usize>,
}

fn begin<'b>(head: Head, question: &Question, most: usize, out: &'b mut Vec<u8>) -> Reply<'b> {
    let mut reply = Reply::new(out, head, question.edns, most);
    reply.question(question.name.iter(), question.qtype, question.qclass);
    reply
}

/// How long an answer may be.
pub(super) fn longest(transport: Transport, edns: Option<Edns>) -> usize {
    usize::from(match (transport, edns) {
        (Transport::Tcp, _) => u16::MAX,
        (Transport::Udp, None) => SHORT,
        (Transport::Udp, Some(edns)) => edns.payload.clamp(SHORT, PAYLOAD),
    })
}

/// Writes an answer that has nothing but its code.
pub(super) fn only(rcode: u16, head: Head, question: &Question, out: &mut Vec<u8>) -> Answered {
    let mut reply = begin(head, question, SHORT.into(), out);
    reply.edns(rcode);
    reply.finish(rcode, false);
    Answered::without(rcode)
}

pub(super) fn to_question(
    zones: &Snapshot,
    head: Head,
    question: &Question,
    most: usize,
    out: &mut Vec<u8>,
) -> Answered {
    if let Some(rcode) = refusal(head, question) {
        return only(rcode, head, question, out);
    }
    let mut reply = begin(head, question, most, out);
    let name = Lower::of(question.name.iter());
    // Who signs a zone is known above it, where that is here too.
    let is_ds = question.qtype == rtype::DS;
    let found = name.as_ref().and_then(|name| {
        let above = if is_ds { zones.find(name, 1) } else { None };
        above.or_else(|| zones.find(name, 0)).map(|found| (name, found))
    });
    let Some((name, found)) = found else { return only(rcode::REFUSED, head, question, out) };
    let kind = write(found.zone, name, question.qtype, &mut reply).unwrap_or_else(|(Full, kind)| {
        reply.truncate();
        kind
    });
    reply.edns(kind.rcode);
    reply.finish(kind.rcode, kind.authoritative);
    let about = kind.set.map_or(u64::MAX, |at| at as u64);
    Answered { rcode: kind.rcode, about: found.hash ^ about.wrapping_mul(0x9e37_79b9_7f4a_7c15) }
}

/// The code of what is answered without looking into a zone.
fn refusal(head: Head, question: &Question) -> Option<u16> {
    if head.opcode != request::QUERY {
        return Some(rcode::NOT_IMPLEMENTED);
    }
    if question.edns.is_some_and(|edns| edns.version > 0) {
        return Some(rcode::BAD_VERSION);
    }
    let is_ours = question.qclass == rtype::IN;
    (is_asked_for(head, question) || !is_ours).then_some(rcode::REFUSED)
}

/// Writes what a zone says, through the names that stand for others in it. Where it does not fit, it answers what it
/// would have been.
fn write(zone: &Rendered, name: &Lower, qtype: u16, reply: &mut Reply<'_>) -> Result<Kind, (Full, Kind)> {
    let mut target: Option<(Lower, &[u8])> = None;
    let mut followed = [None; MOST_ALIASES];
    for hop in 0..=MOST_ALIASES {
        let (name, owner) = match &target {
            Some((name, wire)) => (name, Owner::Name(wire)),
            None => (name, Owner::Question),
        };
        let Some(key) = zone.key_within(name) else { break };
        let kind = |rcode, set: Option<Set<'_>>| Kind { rcode, authoritative: true, set: set.map(|set| set.at) };
        let full = |kind: Kind| |full: Full| (full, kind);
        match lookup::look(zone, &key, qtype) {
            Found::Alias(alias) => {
                // Names that stand for each other in a circle, or for too many others, end where they are known.
                if hop == MOST_ALIASES || followed.contains(&Some(alias.at)) {
                    break;
                }
                followed[hop] = Some(alias.at);
                reply.add(Section::Answer, owner, alias).map_err(full(kind(rcode::NO_ERROR, Some(alias))))?;
                let Some(wire) = alias.records().next() else { break };
                let Some(next) = Lower::read(wire) else { break };
                target = Some((next, wire));
            }
            Found::Records(set) => {
                let kind = kind(rcode::NO_ERROR, Some(set));
                if let Err(full) = reply.add(Section::Answer, owner, set) {
                    return Err((full, kind));
                }
                if set.rtype == rtype::NS {
                    // It helps, and nobody misses it.
                    let _ = addresses(zone, set, reply);
                }
                return Ok(kind);
            }
            found @ (Found::NoData | Found::NoName) => {
                let is_name = matches!(found, Found::NoData);
                let rcode = if is_name { rcode::NO_ERROR } else { rcode::NO_NAME };
                let soa = zone
                    .negative_soa()
                    .map_or(Ok(()), |soa| reply.add(Section::Authority, Owner::Name(zone.apex()), soa));
                return soa.map(|()| kind(rcode, None)).map_err(full(kind(rcode, None)));
            }
            Found::Referral(servers, depth) => {
                let cut = name.without(key.depth() - depth);
                let kind = Kind { authoritative: hop > 0, ..kind(rcode::NO_ERROR, Some(servers)) };
                let written = reply
                    .add(Section::Authority, Owner::Name(cut), servers)
                    .and_then(|()| addresses(zone, servers, reply));
                return match written {
                    Ok(()) => Ok(kind),
                    Err(full) => Err((full, kind)),
                };
            }
        }
    }
    Ok(Kind { rcode: rcode::NO_ERROR, authoritative: true, set: Some(0) })
}

/// Adds the addresses of name servers, as far as this zone has them: below what is delegated nobody else does (RFC 9471).
fn addresses(zone: &Rendered, servers: Set<'_>, reply: &mut Reply<'_>) -> Result<(), Full> {
    for host in servers.records() {
        let key = Lower::read(host).and_then(|name| zone.key_within(&name));
        let Some(key) = key else { continue };
        for rtype in [rtype::A, rtype::AAAA] {
            if let Some(set) = zone.set(key.above(key.depth()), rtype) {
                reply.add(Section::Additional, Owner::Name(host), set)?;
            }
        }
    }
    Ok(())
}
