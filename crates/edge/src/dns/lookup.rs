//! What a zone says about a name: plain, nothing is written here (RFC 1034 §4.3.2, RFC 4592, RFC 8020).

use super::name::{BETWEEN, Key};
use super::rendered::{Rendered, Set};
use super::rtype;

/// What a zone says about a name and a type.
#[derive(Clone, Copy)]
pub(super) enum Found<'z> {
    /// These records.
    Records(Set<'z>),
    /// The name stands for another one.
    Alias(Set<'z>),
    /// The name exists, and has nothing of that type.
    NoData,
    /// There is no such name.
    NoName,
    /// Others know: whoever serves the name that has so many labels below the zone's own.
    Referral(Set<'z>, usize),
}

/// What a zone says about a name and a type.
pub(super) fn look<'z>(zone: &'z Rendered, key: &Key, qtype: u16) -> Found<'z> {
    let depth = key.depth();
    // Most questions are about names that are there.
    if !zone.has_cuts()
        && let Some(found) = at(zone, key.above(depth), qtype)
    {
        return found;
    }
    for below in 1..=depth {
        let name = key.above(below);
        // Who signs a name that is delegated is known above it (RFC 4035 §3.1.4.1).
        let is_asked_here = below == depth && qtype == rtype::DS;
        if let Some(servers) = zone.set(name, rtype::NS).filter(|_| !is_asked_here) {
            return Found::Referral(servers, below);
        }
        if !zone.exists(name) {
            return wildcard(zone, key.above(below - 1), qtype);
        }
    }
    at(zone, key.above(depth), qtype).unwrap_or(Found::NoData)
}

/// What the records of a name say; `None` where it has none.
fn at<'z>(zone: &'z Rendered, name: &[u8], qtype: u16) -> Option<Found<'z>> {
    if qtype == rtype::ANY {
        // One set stands for all of them (RFC 8482 §4.1).
        return zone.any(name).map(Found::Records);
    }
    let records = zone.set(name, qtype).map(Found::Records);
    let alias = || zone.set(name, rtype::CNAME).map(Found::Alias);
    records.or_else(alias).or_else(|| zone.any(name).map(|_| Found::NoData))
}

/// What the wildcard below a name says, which is the last one above what was asked for that exists (RFC 4592 §3.3.1).
fn wildcard<'z>(zone: &'z Rendered, encloser: &[u8], qtype: u16) -> Found<'z> {
    let mut name = Vec::with_capacity(encloser.len() + 2);
    name.extend_from_slice(encloser);
    if !encloser.is_empty() {
        name.push(BETWEEN);
    }
    name.push(b'*');
    // Nothing can be below a wildcard: the model lets no such name in.
    at(zone, &name, qtype).unwrap_or(Found::NoName)
}
