//! An answer as it goes on the wire: written from the front, with names that point to what is there already, and taken
//! back where it gets too long.

use super::rendered::Set;
use super::request::{Edns, HEADER, Head};
use super::rtype;

/// How much we take in one piece over UDP, and send: it passes without being cut up (<https://www.dnsflagday.net/2020>).
pub(super) const PAYLOAD: u16 = 1232;
/// How long our OPT record is.
const OPT: usize = 11;
/// How many places are kept that a name may point to.
const MOST_PLACES: usize = 96;
/// How far a pointer can point.
const FARTHEST: usize = 0x3fff;
/// How many pointers are followed: ours never lead to more labels than a name has.
const MOST_STEPS: usize = 256;

/// The codes of answers (RFC 6895 §2.3).
pub(super) mod rcode {
    pub(in super::super) const NO_ERROR: u16 = 0;
    pub(in super::super) const FORMAT: u16 = 1;
    pub(in super::super) const SERVER_FAILURE: u16 = 2;
    pub(in super::super) const NO_NAME: u16 = 3;
    pub(in super::super) const NOT_IMPLEMENTED: u16 = 4;
    pub(in super::super) const REFUSED: u16 = 5;
    pub(in super::super) const NOT_AUTHORIZED: u16 = 9;
    pub(in super::super) const BAD_VERSION: u16 = 16;
    // In a TSIG record (RFC 8945 §3).
    pub(in super::super) const BAD_SIGNATURE: u16 = 16;
    pub(in super::super) const BAD_KEY: u16 = 17;
    pub(in super::super) const BAD_TIME: u16 = 18;
    pub(in super::super) const BAD_TRUNCATION: u16 = 22;
}

/// Where a record goes.
#[derive(Clone, Copy)]
pub(super) enum Section {
    Answer,
    Authority,
    Additional,
}

/// Whose record it is.
#[derive(Clone, Copy)]
pub(super) enum Owner<'n> {
    /// Of the name that was asked for, in the letters it was asked in.
    Question,
    /// Of a name in wire form without pointers.
    Name(&'n [u8]),
}

/// There is no room for it.
#[derive(Debug)]
pub(super) struct Full;

/// An answer in the making.
pub(super) struct Reply<'b> {
    out: &'b mut Vec<u8>,
    /// How long it may get, without the OPT record.
    most: usize,
    edns: Option<Edns>,
    /// Where the records begin.
    records: usize,
    counts: [u16; 3],
    /// Where labels begin that may be pointed to.
    places: [u16; MOST_PLACES],
    known: usize,
}

impl<'b> Reply<'b> {
    /// Begins an answer to a header, of at most so many bytes. What is in `out` is thrown away, its memory is used again.
    pub(super) fn new(out: &'b mut Vec<u8>, head: Head, edns: Option<Edns>, most: usize) -> Self {
        out.clear();
        out.extend_from_slice(&head.id.to_be_bytes());
        out.push(0x80 | head.opcode << 3 | u8::from(head.recursion_desired));
        out.resize(HEADER, 0);
        let most = most - if edns.is_some() { OPT } else { 0 };
        Self { out, most, edns, records: HEADER, counts: [0; 3], places: [0; MOST_PLACES], known: 0 }
    }

    /// Repeats the question, in its own letters.
    pub(super) fn question<'l>(&mut self, labels: impl Iterator<Item = &'l [u8]>, qtype: u16, qclass: u16) {
        for label in labels {
            self.remember(self.out.len());
            self.out.push(u8::try_from(label.len()).unwrap_or_default());
            self.out.extend_from_slice(label);
        }
        self.out.push(0);
        self.number(qtype);
        self.number(qclass);
        self.out[5] = 1;
        self.records = self.out.len();
    }

    /// Lets no name point to what is there, so that those that come have letters of their own.
    pub(super) const fn forget(&mut self) {
        self.known = 0;
    }

    /// Adds a record set, whole or not at all.
    pub(super) fn add(&mut self, section: Section, owner: Owner<'_>, set: Set<'_>) -> Result<(), Full> {
        let (length, known) = (self.out.len(), self.known);
        for record in set.records() {
            match owner {
                // A pointer to the question, which begins after the header; the root is as short as a pointer is long.
                Owner::Question if self.out[HEADER] > 0 => self.number(0xc000 | HEADER as u16),
                Owner::Question => self.out.push(0),
                Owner::Name(name) => self.name(name),
            }
            self.number(set.rtype);
            self.number(rtype::IN);
            self.out.extend_from_slice(&set.ttl.to_be_bytes());
            let place = self.out.len();
            self.number(0);
            self.record(set.rtype, record);
            let written = u16::try_from(self.out.len() - place - 2).unwrap_or(u16::MAX);
            self.out[place..place + 2].copy_from_slice(&written.to_be_bytes());
            if self.out.len() > self.most {
                self.out.truncate(length);
                self.known = known;
                return Err(Full);
            }
        }
        self.counts[section as usize] += set.count;
        Ok(())
    }

    /// Takes all records back, and says that there are more than fit.
    pub(super) fn truncate(&mut self) {
        self.out.truncate(self.records);
        self.counts = [0; 3];
        self.out[2] |= 0x02;
    }

    /// Adds our OPT record, if they sent one.
    pub(super) fn edns(&mut self, rcode: u16) {
        let Some(edns) = self.edns else { return };
        self.out.push(0);
        self.number(rtype::OPT);
        self.number(PAYLOAD);
        // The upper bits of the code, version 0, and whether they take signatures (RFC 3225 §3).
        self.out.push(u8::try_from(rcode >> 4).unwrap_or_default());
        self.out.push(0);
        self.number(if edns.dnssec_ok { 0x8000 } else { 0 });
        self.number(0);
        self.counts[2] += 1;
    }

    /// Fills in the header.
    pub(super) fn finish(self, rcode: u16, authoritative: bool) {
        self.out[2] |= if authoritative { 0x04 } else { 0 };
        self.out[3] = u8::try_from(rcode & 0x0f).unwrap_or_default();
        for (count, place) in self.counts.iter().zip([6, 8, 10]) {
            self.out[place..place + 2].copy_from_slice(&count.to_be_bytes());
        }
    }

    fn number(&mut self, number: u16) {
        self.out.extend_from_slice(&number.to_be_bytes());
    }

    /// Writes what a record says: the names in it may point, where their type is one of the old ones.
    fn record(&mut self, rtype: u16, record: &[u8]) {
        let (before, names) = rtype::names(rtype);
        if names == 0 {
            self.out.extend_from_slice(record);
            return;
        }
        let (first, mut rest) = record.split_at(before.min(record.len()));
        self.out.extend_from_slice(first);
        for _ in 0..names {
            let labels: usize = super::name::labels(rest).map(|label| label.len() + 1).sum();
            let (name, after) = rest.split_at((labels + 1).min(rest.len()));
            self.name(name);
            rest = after;
        }
        self.out.extend_from_slice(rest);
    }

    /// Writes a name, and points to as much of it as there is already.
    fn name(&mut self, name: &[u8]) {
        let mut rest = name;
        while rest.first().is_some_and(|length| *length > 0) {
            let there = self.places[..self.known].iter().find(|place| self.is_at(usize::from(**place), rest));
            if let Some(place) = there {
                self.number(0xc000 | place);
                return;
            }
            self.remember(self.out.len());
            let (label, after) = rest.split_at((usize::from(rest[0]) + 1).min(rest.len()));
            self.out.extend_from_slice(label);
            rest = after;
        }
        self.out.push(0);
    }

    fn remember(&mut self, place: usize) {
        if place <= FARTHEST
            && let Some(free) = self.places.get_mut(self.known)
        {
            *free = place as u16;
            self.known += 1;
        }
    }

    /// Whether a name stands at a place, in whatever letters.
    fn is_at(&self, mut place: usize, name: &[u8]) -> bool {
        let mut rest = name;
        for _ in 0..MOST_STEPS {
            match self.out.get(place..) {
                Some([high, low, ..]) if high & 0xc0 == 0xc0 => {
                    place = usize::from(u16::from_be_bytes([high & 0x3f, *low]));
                }
                Some([0, ..]) => return rest.first() == Some(&0),
                Some(there @ [length, ..]) => {
                    let length = usize::from(*length) + 1;
                    let same = there.get(..length).zip(rest.get(..length));
                    if !same.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other)) {
                        return false;
                    }
                    place += length;
                    rest = &rest[length..];
                }
                _ => return false,
            }
        }
        false
    }
}
