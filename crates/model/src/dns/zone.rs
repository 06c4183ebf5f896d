//! A zone as it should be served.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::data::Data;
use super::host::{Place, hostname, owner};
use super::{RrSet, RrType};

/// The longest time that a record may be kept, in seconds (RFC 2181 §8).
const LONGEST_TTL: u32 = i32::MAX as u32;
/// How many bytes the values of one set may have: an answer has 65,535 in all, and names and heads beside them.
const LARGEST_SET: usize = 48 * 1024;
/// What a record has beside its value.
const HEAD: usize = 16;

/// A zone as it should be served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its own name, without the last dot.
    pub name: String,
    /// Which version of it this is. It only grows; [`is_newer`] says what that means.
    pub serial: u32,
    /// Who serves it, at least one; the first one is the primary of the SOA.
    pub nameservers: Vec<String>,
    /// How it is to be kept.
    pub soa: Soa,
    /// Its records, without the SOA and the name servers of its own name. Those of a name below are a delegation.
    pub sets: Vec<RrSet>,
}

/// What the SOA record says beside the primary and the serial (RFC 1035 §3.3.13). Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soa {
    /// Whom to write to, as a name: `hostmaster.example.com`.
    pub contact: String,
    /// How often a secondary asks.
    pub refresh: u32,
    /// How soon it asks again when nobody answers.
    pub retry: u32,
    /// How long it goes on serving meanwhile.
    pub expire: u32,
    /// How long it may be kept that something is not there (RFC 2308 §4).
    pub minimum: u32,
    /// How long the SOA and the name servers may be kept.
    pub ttl: u32,
}

/// Why a zone cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneFault {
    /// The name that is wrong, or has a record that is.
    pub at: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for ZoneFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.reason)
    }
}

impl std::error::Error for ZoneFault {}

/// Whether a serial comes after another one: up to 2³¹ − 1 steps further on, over the end too (RFC 1982 §3.2).
#[must_use]
pub const fn is_newer(serial: u32, than: u32) -> bool {
    let steps = serial.wrapping_sub(than);
    steps != 0 && steps < 1 << 31
}

impl Zone {
    /// Whether it can be served.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), ZoneFault> {
        let name = owner(&self.name).filter(|name| !name.starts_with('*'));
        let name = name.ok_or_else(|| fault(&self.name, "this is no name that a zone can have"))?;
        if self.nameservers.is_empty() {
            return Err(fault(&name, "it has no name server"));
        }
        let host = |text: &String| hostname(text).ok_or_else(|| fault(&name, format!("{text} is no host")));
        host(&self.soa.contact)?;
        let hosts = self.nameservers.iter().map(host).collect::<Result<BTreeSet<_>, _>>()?;
        if hosts.len() < self.nameservers.len() {
            return Err(fault(&name, "a name server is named twice"));
        }
        let Soa { refresh, retry, expire, minimum, ttl, .. } = self.soa;
        if [refresh, retry, expire, minimum, ttl].iter().any(|time| *time > LONGEST_TTL) {
            return Err(fault(&name, "a time of its SOA is over 2147483647 seconds"));
        }
        let mut seen = BTreeSet::new();
        for set in &self.sets {
            let at = check_set(set, &name)?;
            if !seen.insert((at.clone(), set.rtype.as_str())) {
                return Err(fault(&at, format!("it has two sets of type {}", set.rtype.as_str())));
            }
        }
        alone(&seen)
    }
}

fn fault(at: &str, reason: impl Into<String>) -> ZoneFault {
    ZoneFault { at: at.to_owned(), reason: reason.into() }
}

/// Checks a set by itself, and answers its owner.
fn check_set(set: &RrSet, zone: &str) -> Result<String, ZoneFault> {
    let at = owner(&set.name).ok_or_else(|| fault(&set.name, "this is no name that can have records"))?;
    let rtype = set.rtype.as_str();
    match (Place::of(&at, zone), set.rtype) {
        (Place::Outside, _) => return Err(fault(&at, format!("it is not in the zone {zone}"))),
        (Place::Apex, RrType::Ns) => return Err(fault(&at, "its name servers are those of the zone, and no set")),
        (Place::Apex, RrType::Cname) => return Err(fault(&at, "the zone's own name cannot be an alias (CNAME)")),
        (Place::Below, RrType::Ns) if at.starts_with('*') => {
            return Err(fault(&at, "a wildcard cannot be delegated"));
        }
        _ => {}
    }
    if set.ttl > LONGEST_TTL {
        return Err(fault(&at, format!("the TTL of {rtype} is over 2147483647 seconds")));
    }
    let data = Data::of(set)
        .map_err(|(value, like)| fault(&at, format!("{value} is no value of {rtype}, which is {like}")))?;
    match data.len() {
        0 => return Err(fault(&at, format!("its set of type {rtype} has no value"))),
        1 => {}
        _ if set.rtype == RrType::Cname => return Err(fault(&at, "an alias (CNAME) has one value")),
        count if BTreeSet::from_iter(&data).len() < count => {
            return Err(fault(&at, format!("its set of type {rtype} has a value twice")));
        }
        _ => {}
    }
    if set.values.iter().map(|value| value.len() + value.len() / 255 + HEAD).sum::<usize>() > LARGEST_SET {
        return Err(fault(&at, format!("its set of type {rtype} does not fit an answer")));
    }
    Ok(at)
}

/// An alias has nothing beside it (RFC 2181 §10.1).
fn alone(seen: &BTreeSet<(String, &'static str)>) -> Result<(), ZoneFault> {
    let alias = RrType::Cname.as_str();
    let has_other = |at: &String| seen.iter().any(|(other, rtype)| other == at && *rtype != alias);
    match seen.iter().find(|(at, rtype)| *rtype == alias && has_other(at)) {
        Some((at, _)) => Err(fault(at, "an alias (CNAME) has nothing beside it")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
        RrSet { name: name.into(), rtype, ttl: 300, values: values.iter().map(|one| (*one).into()).collect() }
    }

    fn zone(sets: Vec<RrSet>) -> Zone {
        let contact = "hostmaster.acme.com".into();
        Zone {
            name: "acme.com".into(),
            serial: 1,
            nameservers: vec!["ns1.host.example".into(), "ns2.host.example".into()],
            soa: Soa { contact, refresh: 3600, retry: 600, expire: 1_209_600, minimum: 300, ttl: 3600 },
            sets,
        }
    }

    #[test]
    fn a_zone_that_can_be_served_passes() {
        let sets = vec![
            set("acme.com", RrType::Mx, &["1 smtp.google.com"]),
            set("acme.com", RrType::Txt, &["v=spf1 -all", "V=spf1 -all"]),
            set("*.Acme.com.", RrType::A, &["192.0.2.1", "192.0.2.2"]),
            set("sub.acme.com", RrType::Ns, &["ns.sub.acme.com"]),
            set("ns.sub.acme.com", RrType::A, &["192.0.2.3"]),
            set("shop.acme.com", RrType::Cname, &["shops.example"]),
        ];
        assert_eq!(zone(sets).check(), Ok(()));
    }

    #[test]
    fn what_cannot_be_served_is_told() {
        let long = "k".repeat(50_000);
        for (sets, told) in [
            (vec![set("acme.org", RrType::A, &["192.0.2.1"])], "acme.org: it is not in the zone acme.com"),
            (
                vec![set("a b.acme.com", RrType::A, &["192.0.2.1"])],
                "a b.acme.com: this is no name that can have records",
            ),
            (vec![set("acme.com", RrType::Cname, &["a.example"])], "the zone's own name cannot be an alias"),
            (vec![set("acme.com", RrType::Ns, &["a.example"])], "its name servers are those of the zone"),
            (vec![set("*.acme.com", RrType::Ns, &["a.example"])], "a wildcard cannot be delegated"),
            (vec![set("www.acme.com", RrType::A, &[])], "has no value"),
            (vec![set("www.acme.com", RrType::A, &["1.2.3"])], "1.2.3 is no value of A, which is an IPv4 address"),
            (vec![set("acme.com", RrType::Mx, &["1 a.example", "1 A.example."])], "has a value twice"),
            (vec![set("acme.com", RrType::Txt, &[&long])], "does not fit an answer"),
            (vec![set("b.acme.com", RrType::Cname, &["a.example", "b.example"])], "an alias (CNAME) has one value"),
            (
                vec![set("b.acme.com", RrType::A, &["192.0.2.1"]), set("B.acme.com", RrType::A, &["192.0.2.2"])],
                "two sets",
            ),
            (
                vec![set("b.acme.com", RrType::Cname, &["a.example"]), set("b.acme.com", RrType::A, &["192.0.2.2"])],
                "b.acme.com: an alias (CNAME) has nothing beside it",
            ),
        ] {
            let fault = zone(sets).check().unwrap_err().to_string();
            assert!(fault.contains(told), "{fault} does not say: {told}");
        }
        assert!(Zone { nameservers: vec![], ..zone(vec![]) }.check().is_err());
        assert!(Zone { name: "*.com".into(), ..zone(vec![]) }.check().is_err());
        assert!(Zone { name: String::new(), ..zone(vec![]) }.check().is_err());
    }

    #[test]
    fn serials_grow_over_their_end() {
        assert!(is_newer(2, 1) && !is_newer(1, 2) && !is_newer(1, 1));
        assert!(is_newer(0, u32::MAX) && is_newer(1 << 31, 1) && !is_newer((1 << 31) + 1, 1));
    }
}
