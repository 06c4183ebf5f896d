//! Record sets with what they are for: how they are changed, and what they come to together.

use super::senders::merged;
use super::text::joined;
use super::{Purpose, Records, RrSet, RrType};

/// What names a set: its owner and its type.
type Key = (String, RrType);

fn key(set: &RrSet) -> Key {
    (set.name.trim_end_matches('.').to_ascii_lowercase(), set.rtype)
}

/// The records where those of a purpose are these. A set that was there and is wanted by no purpose any more stays without
/// values: it has still to be removed.
#[must_use]
pub(super) fn put(records: &[Records], purpose: Purpose, sets: &[RrSet]) -> Vec<Records> {
    let others = records.iter().filter(|one| one.purpose != purpose && !one.set.values.is_empty());
    let named = |set: &RrSet| RrSet { name: key(set).0, ..set.clone() };
    let own = sets.iter().filter(|set| !set.values.is_empty()).map(|set| Records { purpose, set: named(set) });
    let mut all: Vec<_> = others.cloned().chain(own).collect();
    all.sort_by_key(|one| (one.purpose, key(&one.set).0, one.set.rtype.as_str()));
    for old in records {
        if all.iter().all(|one| key(&one.set) != key(&old.set)) {
            all.push(Records { set: RrSet { values: vec![], ..old.set.clone() }, ..old.clone() });
        }
    }
    all
}

/// What has to be written at a host: what is to be there, and empty what is to be gone.
pub(super) fn to_write(records: &[Records]) -> Vec<RrSet> {
    let gone = records.iter().filter(|one| one.set.values.is_empty()).map(|one| one.set.clone());
    sets(records).into_iter().chain(gone).collect()
}

/// The sets that some purposes have a part in, whole.
pub(super) fn of(records: &[Records], purposes: &[Purpose]) -> Vec<RrSet> {
    let has_part = |set: &RrSet| {
        records
            .iter()
            .any(|one| purposes.contains(&one.purpose) && !one.set.values.is_empty() && key(&one.set) == key(set))
    };
    sets(records).into_iter().filter(has_part).collect()
}

/// The sets that are to be there. What several purposes want of one name and type is one set.
pub(super) fn sets(records: &[Records]) -> Vec<RrSet> {
    let mut all: Vec<RrSet> = vec![];
    for one in records.iter().filter(|one| !one.set.values.is_empty()) {
        match all.iter_mut().find(|set| key(set) == key(&one.set)) {
            Some(set) => join(set, &one.set),
            None => all.push(RrSet { name: key(&one.set).0, ..one.set.clone() }),
        }
    }
    all
}

/// Adds what another purpose wants. An alias leads to one place, which is the first one's; of who may send there is one
/// record (RFC 7208 §3.2).
fn join(set: &mut RrSet, other: &RrSet) {
    set.ttl = set.ttl.min(other.ttl);
    if set.rtype == RrType::Cname {
        return;
    }
    let is_same = |one: &String, other: &String| match set.rtype {
        RrType::Txt => joined(one) == joined(other),
        _ => one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.')),
    };
    let fresh: Vec<_> = other.values.iter().filter(|value| set.values.iter().all(|one| !is_same(one, value))).collect();
    set.values.extend(fresh.into_iter().cloned());
    if set.rtype == RrType::Txt {
        set.values = merged(&set.values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
        RrSet { name: name.into(), rtype, ttl: 300, values: values.iter().map(|one| (*one).into()).collect() }
    }

    fn zone(parts: &[(Purpose, RrSet)]) -> Vec<Records> {
        parts.iter().fold(vec![], |records, (purpose, set)| {
            let mut own: Vec<_> =
                records.iter().filter(|one: &&Records| one.purpose == *purpose).map(|one| one.set.clone()).collect();
            own.push(set.clone());
            put(&records, *purpose, &own)
        })
    }

    #[test]
    fn a_purpose_changes_its_own_records() {
        let before = zone(&[
            (Purpose::Mail, set("acme.com", RrType::Mx, &["1 a.example"])),
            (Purpose::Mail, set("k._domainkey.acme.com", RrType::Txt, &["p=1"])),
            (Purpose::Redirect, set("acme.com", RrType::A, &["192.0.2.1"])),
        ]);
        let after = put(&before, Purpose::Mail, &[set("ACME.com.", RrType::Mx, &["1 b.example"])]);
        assert_eq!(
            to_write(&after),
            [
                set("acme.com", RrType::Mx, &["1 b.example"]),
                set("acme.com", RrType::A, &["192.0.2.1"]),
                set("k._domainkey.acme.com", RrType::Txt, &[]),
            ]
        );
        assert_eq!(sets(&after).len(), 2);
        let back = put(&after, Purpose::Mail, &[set("k._domainkey.acme.com", RrType::Txt, &["p=2"])]);
        assert!(to_write(&back).contains(&set("acme.com", RrType::Mx, &[])));
        assert!(!to_write(&back).contains(&set("k._domainkey.acme.com", RrType::Txt, &[])), "it is wanted again");
        assert_eq!(put(&back, Purpose::Mail, &[set("k._domainkey.acme.com", RrType::Txt, &["p=2"])]), back);
    }

    #[test]
    fn what_two_purposes_want_is_one_set_and_stays_while_one_wants_it() {
        let both = zone(&[
            (Purpose::Ownership, set("acme.com", RrType::Txt, &["proof=1"])),
            (Purpose::Mail, set("acme.com", RrType::Txt, &["v=spf1 include:a.example ~all"])),
            (Purpose::Customer, set("acme.com", RrType::Txt, &["v=spf1 include:b.example -all", "proof=1"])),
        ]);
        let spf = "v=spf1 include:a.example include:b.example ~all";
        assert_eq!(sets(&both), [set("acme.com", RrType::Txt, &["proof=1", spf])]);
        assert_eq!(of(&both, &[Purpose::Mail]), sets(&both));
        assert!(of(&both, &[Purpose::Redirect]).is_empty());
        let less = put(&both, Purpose::Customer, &[]);
        assert_eq!(to_write(&less), [set("acme.com", RrType::Txt, &["proof=1", "v=spf1 include:a.example ~all"])]);
    }

    #[test]
    fn an_alias_leads_to_one_place() {
        let both = zone(&[
            (Purpose::Mail, set("www.acme.com", RrType::Cname, &["a.example"])),
            (Purpose::Customer, set("www.acme.com", RrType::Cname, &["b.example"])),
        ]);
        assert_eq!(sets(&both), [set("www.acme.com", RrType::Cname, &["a.example"])]);
    }
}
