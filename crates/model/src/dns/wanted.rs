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
    let all = sets(records);
    let mut gone: Vec<RrSet> = vec![];
    for one in records.iter().filter(|one| one.set.values.is_empty() || is_hidden(one, records)) {
        if all.iter().chain(&gone).all(|set| key(set) != key(&one.set)) {
            gone.push(RrSet { values: vec![], ..one.set.clone() });
        }
    }
    all.into_iter().chain(gone).collect()
}

/// Whether a set is not served because of another one, as long as that is there: two of them would say different things, or
/// cannot stand beside each other (RFC 1034 §3.6.2).
pub(super) fn is_hidden(one: &Records, among: &[Records]) -> bool {
    among.iter().filter(|other| !other.set.values.is_empty()).any(|other| hides(other, one))
}

fn hides(one: &Records, other: &Records) -> bool {
    let ((name, rtype), (other_name, other_rtype)) = (key(&one.set), key(&other.set));
    if name != other_name {
        return false;
    }
    let is_address = |rtype| matches!(rtype, RrType::A | RrType::Aaaa | RrType::Cname);
    match (one.purpose, other.purpose) {
        (Purpose::Customer, Purpose::Policy) => true,
        (Purpose::Customer, _)
        | (_, Purpose::Delegation | Purpose::Ownership | Purpose::Mail | Purpose::SigningKey) => false,
        (Purpose::Mail, Purpose::Customer) if rtype == RrType::Mx && other_rtype == RrType::Mx => true,
        (Purpose::Mail | Purpose::SigningKey, Purpose::Customer) if name.contains("._domainkey.") => true,
        (Purpose::Redirect, Purpose::Customer) if is_address(rtype) && is_address(other_rtype) => true,
        (Purpose::Policy, _) => false,
        (_, Purpose::Customer) => rtype == RrType::Cname || other_rtype == RrType::Cname,
        _ => false,
    }
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
    for one in records.iter().filter(|one| !one.set.values.is_empty() && !is_hidden(one, records)) {
        match all.iter_mut().find(|set| key(set) == key(&one.set)) {
            Some(set) => join(set, &one.set),
            None => all.push(RrSet { name: key(&one.set).0, ..one.set.clone() }),
        }
    }
    // Who may send is one record, whoever wrote the others (RFC 7208 §3.2).
    for set in all.iter_mut().filter(|set| set.rtype == RrType::Txt) {
        set.values = merged(&set.values);
    }
    all
}

/// Adds what another purpose wants. An alias leads to one place, which is the first one's.
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

    #[test]
    fn what_a_customer_has_moves_along_and_gives_way_to_ours() {
        let own = [
            (Purpose::Customer, set("acme.com", RrType::A, &["192.0.2.9"])),
            (Purpose::Customer, set("acme.com", RrType::Mx, &["10 mx.old.example"])),
            (Purpose::Customer, set("acme.com", RrType::Txt, &["v=spf1 a -all", "v=spf1 mx ~all", "proof=1"])),
            (Purpose::Customer, set("acme.com", RrType::Caa, &["0 issue \"ca.example\""])),
            (Purpose::Customer, set("_sip._tls.acme.com", RrType::Srv, &["100 1 443 sip.example"])),
            (Purpose::Customer, set("www.acme.com", RrType::A, &["192.0.2.9"])),
            (Purpose::Customer, set("_dmarc.acme.com", RrType::Txt, &["v=DMARC1; p=reject"])),
        ];
        let moved = zone(&own);
        let spf = set("acme.com", RrType::Txt, &["v=spf1 a mx -all", "proof=1"]);
        assert!(sets(&moved).contains(&spf), "two records of who may send are one: {:?}", sets(&moved));
        assert_eq!(sets(&moved).len(), own.len());
        let ours = [
            (Purpose::Mail, set("acme.com", RrType::Mx, &["1 smtp.google.com"])),
            (Purpose::Policy, set("_dmarc.acme.com", RrType::Txt, &["v=DMARC1; p=none"])),
            (Purpose::Redirect, set("acme.com", RrType::A, &["192.0.2.1"])),
            (Purpose::Redirect, set("www.acme.com", RrType::Cname, &["sites.example"])),
        ];
        let both = zone(&[&own[..], &ours[..]].concat());
        let written = to_write(&both);
        for expected in [
            set("acme.com", RrType::Mx, &["1 smtp.google.com"]),
            set("acme.com", RrType::A, &["192.0.2.1"]),
            set("www.acme.com", RrType::Cname, &["sites.example"]),
            set("www.acme.com", RrType::A, &[]),
            set("_dmarc.acme.com", RrType::Txt, &["v=DMARC1; p=reject"]),
            spf,
        ] {
            assert!(written.contains(&expected), "{expected:?} in {written:?}");
        }
        let back = put(&put(&both, Purpose::Redirect, &[]), Purpose::Mail, &[]);
        assert!(to_write(&back).contains(&set("www.acme.com", RrType::A, &["192.0.2.9"])), "it comes back");
        assert!(to_write(&back).contains(&set("acme.com", RrType::Mx, &["10 mx.old.example"])));
    }
}
