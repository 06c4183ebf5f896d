//! Updates: what has to change, and the messages that say so (RFC 2136 §2).

use hickory_proto::op::{Message, OpCode, Query};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use model::dns::{Data, Place, RrSet, RrType, owner};
use model::domain::DomainName;

use crate::dns::values::{self, known_type, record_type};
use crate::trouble::{Refused, Trouble};

/// How much of the room of a message, which is 65,535 bytes, is filled at most: names and heads come on top.
const ROOM: usize = 30_000;
/// What a record has beside its value, roughly, in bytes.
const HEAD: usize = 60;
/// The name in a zone that says that it is closed.
const CLOSED: &str = "_closed";

/// A set that has to change.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    name: Name,
    rtype: RecordType,
    /// As it is.
    known: Vec<Record>,
    /// As it is to be.
    wanted: Vec<Record>,
}

/// A name of a zone; `None` where it would be too long.
pub(super) fn apex(zone: &DomainName) -> Option<Name> {
    values::name(zone.as_str())
}

/// The name that says that a zone is closed.
pub(super) fn closed(zone: &Name) -> Option<Name> {
    zone.prepend_label(CLOSED).ok()
}

/// Whether a zone with these records is closed.
pub(super) fn is_closed(zone: &Name, records: &[Record]) -> bool {
    let closed = closed(zone);
    records.iter().any(|record| record.record_type() == RecordType::TXT && Some(&record.name) == closed.as_ref())
}

/// What makes the sets be as they are wanted.
pub(super) fn changes(zone: &DomainName, known: &[Record], wanted: &[RrSet]) -> Result<Vec<Change>, Trouble> {
    let mut changes = vec![];
    for set in wanted {
        let change = change(zone, known, set)?;
        if !change.is_none() {
            changes.push(change);
        }
    }
    match wanted.iter().find(|set| is_beside_alias(set, known, wanted)) {
        // The server would take it and do nothing (RFC 2136 §3.4.2.2).
        Some(set) => Err(refused(set, "has other records, and an alias (CNAME) has nothing beside it")),
        None => Ok(changes),
    }
}

fn change(zone: &DomainName, known: &[Record], set: &RrSet) -> Result<Change, Trouble> {
    let name = owner(&set.name).filter(|name| Place::of(name, zone.as_str()) != Place::Outside);
    let name = name.and_then(|name| values::name(&name));
    let name = name.ok_or_else(|| refused(set, "is not a name of this zone"))?;
    let rtype = record_type(set.rtype);
    let data = Data::of(set)
        .map_err(|(_, like)| refused(set, &format!("has a {} record that is not {like}", set.rtype.as_str())))?;
    let mut wanted: Vec<Record> = vec![];
    for one in data {
        let data = values::rdata(&one).ok_or_else(|| refused(set, "has a record with a name that is too long"))?;
        if wanted.iter().all(|other| other.data != data) {
            wanted.push(Record::from_rdata(name.clone(), set.ttl, data));
        }
    }
    let known = known.iter().filter(|record| record.name == name && record.record_type() == rtype).cloned().collect();
    Ok(Change { name, rtype, known, wanted })
}

/// Whether a wanted set would stand beside an alias, or be one beside others, when all that is wanted is done.
fn is_beside_alias(set: &RrSet, known: &[Record], wanted: &[RrSet]) -> bool {
    let is_here = |name: &str| name.trim_end_matches('.').eq_ignore_ascii_case(set.name.trim_end_matches('.'));
    let is_wanted = |rtype: RrType| wanted.iter().find(|one| one.rtype == rtype && is_here(&one.name));
    let stays = |record: &&Record| {
        let rtype = known_type(record.record_type());
        is_here(&values::host(&record.name)) && rtype.is_none_or(|rtype| is_wanted(rtype).is_none())
    };
    let of_alias = |record: &Record| record.record_type() == RecordType::CNAME;
    // Signatures stand beside everything, and are the server's.
    let is_signature = |record: &Record| matches!(record.record_type(), RecordType::RRSIG | RecordType::NSEC);
    let (mut old, new) = (known.iter().filter(stays), wanted.iter().filter(|one| is_here(&one.name)));
    let mut new = new.filter(|one| !one.values.is_empty());
    match set.rtype {
        _ if set.values.is_empty() => false,
        RrType::Cname => {
            old.any(|record| !of_alias(record) && !is_signature(record)) || new.any(|one| one.rtype != RrType::Cname)
        }
        _ => old.any(of_alias),
    }
}

fn refused(set: &RrSet, what: &str) -> Trouble {
    Trouble::Refused(Refused::ForGood(format!("{} {what}.", set.name)))
}

impl Change {
    /// Whether nothing has to change. Texts are the same whatever strings they are cut into.
    fn is_none(&self) -> bool {
        let sorted = |records: &[Record]| {
            let mut values: Vec<_> = records.iter().map(|record| values::value(&record.data)).collect();
            values.sort();
            values
        };
        let ttl = self.wanted.first().map(|record| record.ttl);
        sorted(&self.known) == sorted(&self.wanted) && self.known.iter().all(|record| Some(record.ttl) == ttl)
    }

    fn size(&self) -> usize {
        let value = |record: &Record| values::value(&record.data).map_or(0, |value| value.len()) + HEAD;
        HEAD + self.known.iter().chain(&self.wanted).map(value).sum::<usize>()
    }

    /// The set is as it was read.
    fn prerequisites(&self) -> Vec<Record> {
        if self.known.is_empty() {
            return vec![empty(&self.name, self.rtype, DNSClass::NONE)];
        }
        let value = |record: &Record| Record::from_rdata(self.name.clone(), 0, record.data.clone());
        self.known.iter().map(value).collect()
    }
}

/// The updates that make the changes, none of which is taken where a set is not as it was read, or the zone is closed. What goes
/// comes first, because a name that gets an alias has to be free.
pub(super) fn updates(zone: &Name, changes: Vec<Change>) -> Vec<Message> {
    let (gone, rest): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.wanted.is_empty());
    let (mut messages, mut part, mut size) = (vec![], vec![], 0);
    for change in gone.into_iter().chain(rest) {
        let own = change.size();
        if size + own > ROOM && !part.is_empty() {
            messages.push(update(zone, &std::mem::take(&mut part)));
            size = 0;
        }
        size += own;
        part.push(change);
    }
    if !part.is_empty() {
        messages.push(update(zone, &part));
    }
    messages
}

fn update(zone: &Name, changes: &[Change]) -> Message {
    let mut message = begun(zone);
    message.answers.extend(closed(zone).map(|closed| empty(&closed, RecordType::TXT, DNSClass::NONE)));
    message.answers.extend(changes.iter().flat_map(Change::prerequisites));
    let gone = changes.iter().filter(|change| !change.known.is_empty());
    message.authorities.extend(gone.map(|change| empty(&change.name, change.rtype, DNSClass::ANY)));
    message.authorities.extend(changes.iter().flat_map(|change| change.wanted.clone()));
    message
}

/// The updates that empty a zone with these records and close it; none where it is empty and closed.
pub(super) fn closing(zone: &Name, records: &[Record]) -> Vec<Message> {
    let Some(closed) = closed(zone) else { return vec![] };
    let is_servers = |record: &Record| {
        use RecordType as T;
        let of_signing = [T::RRSIG, T::NSEC, T::NSEC3, T::NSEC3PARAM, T::DNSKEY, T::CDS, T::CDNSKEY];
        let of_apex = record.name == *zone && matches!(record.record_type(), T::SOA | T::NS);
        of_apex || of_signing.contains(&record.record_type())
    };
    let mut names: Vec<_> = records.iter().filter(|record| !is_servers(record)).map(|record| &record.name).collect();
    names.retain(|name| **name != closed);
    names.sort();
    names.dedup();
    let is_open = !is_closed(zone, records);
    let mut messages: Vec<_> = names
        .chunks(ROOM / 255)
        .map(|names| {
            let mut message = begun(zone);
            // At the zone's own name this leaves what it cannot be without (RFC 2136 §3.4.2.3).
            message.authorities.extend(names.iter().map(|name| empty(name, RecordType::ANY, DNSClass::ANY)));
            message
        })
        .collect();
    if is_open {
        // First of all, so that nothing is written meanwhile.
        if messages.is_empty() {
            messages.push(begun(zone));
        }
        let text = RData::TXT(TXT::from_bytes(vec![b"closed"]));
        messages[0].authorities.push(Record::from_rdata(closed, 60, text));
    }
    messages
}

/// The update that opens a zone again.
pub(super) fn opening(zone: &Name) -> Message {
    let mut message = begun(zone);
    message.authorities.extend(closed(zone).map(|closed| empty(&closed, RecordType::TXT, DNSClass::ANY)));
    message
}

fn begun(zone: &Name) -> Message {
    let mut message = Message::query();
    message.metadata.op_code = OpCode::Update;
    message.add_query(Query::query(zone.clone(), RecordType::SOA));
    message
}

/// A record that only names a set.
fn empty(name: &Name, rtype: RecordType, class: DNSClass) -> Record {
    let mut record = Record::update0(name.clone(), 0, rtype);
    record.dns_class = class;
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
        RrSet { name: name.into(), rtype, ttl: 300, values: values.iter().map(|value| (*value).to_owned()).collect() }
    }

    fn zone() -> DomainName {
        DomainName::stored("acme.com")
    }

    fn records(sets: &[RrSet]) -> Vec<Record> {
        changes(&zone(), &[], sets).unwrap().into_iter().flat_map(|change| change.wanted).collect()
    }

    #[test]
    fn only_what_differs_is_changed() {
        let has = records(&[set("acme.com", RrType::Txt, &["a", "b"]), set("acme.com", RrType::Mx, &["1 mx.example"])]);
        let same = [set("ACME.com.", RrType::Txt, &["b", "\"a\"", "a"]), set("none.acme.com", RrType::A, &[])];
        assert_eq!(changes(&zone(), &has, &same).unwrap(), vec![]);
        let slower = RrSet { ttl: 600, ..same[0].clone() };
        let changed = changes(&zone(), &has, &[slower, set("acme.com", RrType::Mx, &[])]).unwrap();
        let [message] = &updates(&apex(&zone()).unwrap(), changed)[..] else { panic!("one message") };
        assert_eq!(message.answers.len(), 1 + 1 + 2, "it is open, and both sets are as they were");
        assert_eq!(message.authorities.len(), 2 + 2, "both go, and one comes again");
        assert!(message.authorities[0].record_type() == RecordType::MX, "what goes for good goes first");
    }

    #[test]
    fn nothing_stands_beside_an_alias() {
        let has =
            records(&[set("www.acme.com", RrType::Cname, &["a.example"]), set("acme.com", RrType::A, &["192.0.2.1"])]);
        let address = set("www.acme.com", RrType::A, &["192.0.2.1"]);
        assert!(changes(&zone(), &has, std::slice::from_ref(&address)).is_err());
        assert!(changes(&zone(), &has, &[address, set("www.acme.com", RrType::Cname, &[])]).is_ok(), "it goes");
        let alias = set("acme.com", RrType::Cname, &["a.example"]);
        assert!(changes(&zone(), &has, std::slice::from_ref(&alias)).is_err());
        assert!(changes(&zone(), &[], &[alias.clone(), set("acme.com", RrType::A, &["192.0.2.1"])]).is_err());
        assert!(changes(&zone(), &has, &[set("www.acme.com", RrType::Cname, &["b.example"])]).is_ok());
    }

    #[test]
    fn much_goes_in_several_messages_that_all_fit() {
        let long = "k".repeat(2_000);
        let sets: Vec<_> = (0..500).map(|n| set(&format!("k{n}.acme.com"), RrType::Txt, &[&long])).collect();
        let apex = apex(&zone()).unwrap();
        let messages = updates(&apex, changes(&zone(), &[], &sets).unwrap());
        assert!(messages.len() > 10);
        assert_eq!(messages.iter().map(|message| message.authorities.len()).sum::<usize>(), 500);
        let closing = closing(&apex, &records(&sets));
        for message in messages.iter().chain(&closing) {
            assert!(message.to_vec().unwrap().len() < 60_000);
            assert!(message.answers.is_empty() || message.answers[0].name == closed(&apex).unwrap());
        }
    }

    #[test]
    fn a_zone_is_closed_once_and_its_own_records_stay() {
        let apex = apex(&zone()).unwrap();
        let has = records(&[set("acme.com", RrType::Ns, &["ns1.host.example"])]);
        let [message] = &closing(&apex, &has)[..] else { panic!("one message") };
        assert_eq!(message.authorities.len(), 1);
        let closed = [has, message.authorities.clone()].concat();
        assert!(is_closed(&apex, &closed) && closing(&apex, &closed).is_empty());
    }
}
