//! A zone as it is answered from: its records as they go on the wire, in one piece of memory.

use std::cmp::Ordering;

use model::dns::{Data, Zone, ZoneFault, strings};

use super::name::{BETWEEN, Key, Lower, owner, to_wire};
use super::rtype;

/// A zone as it is answered from.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Its name in wire form, lower case.
    apex: Box<[u8]>,
    serial: u32,
    /// How long it may be kept that something is not there.
    negative_ttl: u32,
    has_cuts: bool,
    /// In the order of their keys and types.
    sets: Box<[Place]>,
    /// The keys and the records that the sets point to.
    bytes: Box<[u8]>,
}

/// Where a record set is.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    key: u32,
    records: u32,
    ttl: u32,
    rtype: u16,
    count: u16,
    key_length: u8,
}

/// A record set of a zone.
#[derive(Clone, Copy)]
pub(super) struct Set<'z> {
    /// Its place in the zone: no other set has it.
    pub(super) at: usize,
    pub(super) rtype: u16,
    pub(super) ttl: u32,
    pub(super) count: u16,
    bytes: &'z [u8],
}

impl<'z> Set<'z> {
    /// What each record says, in wire form without pointers.
    pub(super) fn records(self) -> impl Iterator<Item = &'z [u8]> {
        let mut rest = self.bytes;
        (0..self.count).map_while(move |_| {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let (record, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            rest = after;
            Some(record)
        })
    }

    /// It, kept for no longer than so many seconds.
    pub(super) fn kept_at_most(self, ttl: u32) -> Self {
        Self { ttl: self.ttl.min(ttl), ..self }
    }
}

impl Rendered {
    /// Renders a zone.
    ///
    /// # Errors
    /// What is wrong with the zone.
    pub fn of(zone: &Zone) -> Result<Self, ZoneFault> {
        zone.check()?;
        let apex = wire(&zone.name);
        let mut drafts = vec![soa(zone), nameservers(zone)];
        for set in &zone.sets {
            let Ok(data) = Data::of(set) else { continue };
            let records = data.iter().map(record).collect();
            drafts.push(Draft { key: key_of(&set.name, &apex), rtype: rtype::of(set.rtype), ttl: set.ttl, records });
        }
        drafts.sort_by(|one, other| one.key.cmp(&other.key).then(one.rtype.cmp(&other.rtype)));
        let has_cuts = drafts.iter().any(|draft| draft.rtype == rtype::NS && !draft.key.is_empty());
        let (mut sets, mut bytes, mut last) = (Vec::with_capacity(drafts.len()), vec![], (0, vec![]));
        for draft in drafts {
            if draft.key != last.1 {
                last = (narrow(bytes.len()), draft.key.clone());
                bytes.extend_from_slice(&draft.key);
            }
            sets.push(Place {
                key: last.0,
                key_length: u8::try_from(draft.key.len()).unwrap_or(u8::MAX),
                records: narrow(bytes.len()),
                ttl: draft.ttl,
                rtype: draft.rtype,
                count: u16::try_from(draft.records.len()).unwrap_or(u16::MAX),
            });
            for record in &draft.records {
                bytes.extend_from_slice(&u16::try_from(record.len()).unwrap_or(u16::MAX).to_be_bytes());
                bytes.extend_from_slice(record);
            }
        }
        let negative_ttl = zone.soa.ttl.min(zone.soa.minimum);
        let (sets, bytes) = (sets.into_boxed_slice(), bytes.into_boxed_slice());
        Ok(Self { apex: apex.into_boxed_slice(), serial: zone.serial, negative_ttl, has_cuts, sets, bytes })
    }

    /// Its name in wire form, lower case.
    pub(super) fn apex(&self) -> &[u8] {
        &self.apex
    }

    /// Which version of the zone it is.
    #[must_use]
    pub const fn serial(&self) -> u32 {
        self.serial
    }

    /// Whether some of it is delegated.
    pub(super) const fn has_cuts(&self) -> bool {
        self.has_cuts
    }

    /// The SOA as answers about what is not there have it (RFC 2308 §3).
    pub(super) fn negative_soa(&self) -> Option<Set<'_>> {
        self.set(b"", rtype::SOA).map(|soa| soa.kept_at_most(self.negative_ttl))
    }

    /// The set of a name and a type.
    pub(super) fn set(&self, key: &[u8], rtype: u16) -> Option<Set<'_>> {
        let found = self.sets.binary_search_by(|place| self.order(place, key).then(place.rtype.cmp(&rtype)));
        found.ok().map(|at| self.at(at))
    }

    /// The first set of a name, whatever its type.
    pub(super) fn any(&self, key: &[u8]) -> Option<Set<'_>> {
        let first = self.first(key);
        self.sets.get(first).filter(|place| self.key(place) == key).map(|_| self.at(first))
    }

    /// The set at a place, and its name in wire form; `None` where there are no more.
    pub(super) fn nth(&self, at: usize) -> Option<(Vec<u8>, Set<'_>)> {
        let place = self.sets.get(at)?;
        Some((owner(self.key(place), &self.apex), self.at(at)))
    }

    /// Whether a name exists: it has records, or a name below it has (RFC 8020 §2).
    pub(super) fn exists(&self, key: &[u8]) -> bool {
        let next = self.sets.get(self.first(key)).map(|place| self.key(place));
        next.and_then(|next| next.strip_prefix(key))
            .is_some_and(|rest| key.is_empty() || rest.first().is_none_or(|byte| *byte == BETWEEN))
    }

    /// Whether a name in wire form is its own or one below, and the key that it has.
    pub(super) fn key_within(&self, name: &Lower) -> Option<Key> {
        let depth = name.labels().checked_sub(super::name::labels(&self.apex).count())?;
        (name.without(depth) == &*self.apex).then(|| Key::of(name, depth))
    }

    fn first(&self, key: &[u8]) -> usize {
        self.sets.partition_point(|place| self.order(place, key) == Ordering::Less)
    }

    fn order(&self, place: &Place, key: &[u8]) -> Ordering {
        self.key(place).cmp(key)
    }

    fn key(&self, place: &Place) -> &[u8] {
        let start = place.key as usize;
        &self.bytes[start..start + usize::from(place.key_length)]
    }

    fn at(&self, at: usize) -> Set<'_> {
        let place = &self.sets[at];
        let bytes = &self.bytes[place.records as usize..];
        Set { at, rtype: place.rtype, ttl: place.ttl, count: place.count, bytes }
    }
}

struct Draft {
    key: Vec<u8>,
    rtype: u16,
    ttl: u32,
    records: Vec<Vec<u8>>,
}

/// A zone of four gigabytes is none that a check lets through.
fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The wire form of a name as somebody wrote it.
fn wire(name: &str) -> Vec<u8> {
    to_wire(&name.trim_end_matches('.').to_ascii_lowercase())
}

fn key_of(name: &str, apex: &[u8]) -> Vec<u8> {
    let Some(name) = Lower::read(&wire(name)) else { return vec![] };
    let depth = name.labels() - super::name::labels(apex).count();
    Key::of(&name, depth).above(depth).to_vec()
}

fn soa(zone: &Zone) -> Draft {
    let soa = &zone.soa;
    let primary = zone.nameservers.first().map(String::as_str).unwrap_or_default();
    let mut record = [wire(primary), wire(&soa.contact)].concat();
    for number in [zone.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] {
        record.extend_from_slice(&number.to_be_bytes());
    }
    Draft { key: vec![], rtype: rtype::SOA, ttl: soa.ttl, records: vec![record] }
}

fn nameservers(zone: &Zone) -> Draft {
    let records = zone.nameservers.iter().map(|host| wire(host)).collect();
    Draft { key: vec![], rtype: rtype::NS, ttl: zone.soa.ttl, records }
}

/// A record in wire form.
fn record(data: &Data) -> Vec<u8> {
    match data {
        Data::A(address) => address.octets().to_vec(),
        Data::Aaaa(address) => address.octets().to_vec(),
        Data::Cname(host) | Data::Ns(host) => to_wire(host),
        Data::Mx(preference, host) => [&preference.to_be_bytes()[..], &to_wire(host)].concat(),
        Data::Txt(text) => strings(text).flat_map(string).collect(),
        Data::Srv(priority, weight, port, host) => {
            let numbers = [priority, weight, port].map(|number| number.to_be_bytes()).concat();
            [numbers, to_wire(host)].concat()
        }
        Data::Caa(flags, tag, value) => {
            let mut record = vec![*flags];
            record.extend(string(tag.as_bytes()));
            record.extend_from_slice(value.as_bytes());
            record
        }
    }
}

/// A string with its length before it; it has at most 255 bytes.
fn string(text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    [&[length], &text[..usize::from(length)]].concat()
}

#[cfg(test)]
mod tests {
    use model::dns::RrType;

    use super::super::tests::{set, zone};
    use super::*;

    #[test]
    fn names_between_exist_and_others_do_not() {
        let rendered = Rendered::of(&zone(vec![
            set("a.b.acme.com", RrType::A, &["192.0.2.1"]),
            set("b-b.acme.com", RrType::A, &["192.0.2.2"]),
        ]))
        .unwrap();
        for (key, exists) in [
            (&b""[..], true),
            (b"b", true),
            (b"b\0a", true),
            (b"b-b", true),
            (b"b-", false),
            (b"b\0", false),
            (b"b\0a\0c", false),
            (b"z", false),
        ] {
            assert_eq!(rendered.exists(key), exists, "{key:?}");
        }
        assert!(rendered.any(b"b").is_none(), "it has nothing itself");
        assert_eq!(rendered.any(b"b\0a").unwrap().rtype, rtype::A);
        assert!(rendered.set(b"b\0a", rtype::AAAA).is_none());
        assert!(rendered.set(b"", rtype::SOA).is_some());
    }

    #[test]
    fn a_zone_takes_little_memory() {
        assert_eq!(size_of::<Place>(), 20);
    }
}
