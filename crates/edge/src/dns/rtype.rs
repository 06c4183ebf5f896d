//! Types and codes by their numbers (<https://www.iana.org/assignments/dns-parameters>).

use model::dns::RrType;

pub(super) const A: u16 = 1;
pub(super) const NS: u16 = 2;
pub(super) const CNAME: u16 = 5;
pub(super) const SOA: u16 = 6;
pub(super) const MX: u16 = 15;
pub(super) const TXT: u16 = 16;
pub(super) const AAAA: u16 = 28;
pub(super) const SRV: u16 = 33;
pub(super) const DS: u16 = 43;
pub(super) const OPT: u16 = 41;
pub(super) const TSIG: u16 = 250;
pub(super) const IXFR: u16 = 251;
pub(super) const AXFR: u16 = 252;
pub(super) const ANY: u16 = 255;
pub(super) const CAA: u16 = 257;

/// The class of everything here.
pub(super) const IN: u16 = 1;
/// The class of a TSIG record.
pub(super) const CLASS_ANY: u16 = 255;

/// The number of a type.
pub(super) const fn of(rtype: RrType) -> u16 {
    match rtype {
        RrType::A => A,
        RrType::Aaaa => AAAA,
        RrType::Cname => CNAME,
        RrType::Mx => MX,
        RrType::Ns => NS,
        RrType::Txt => TXT,
        RrType::Srv => SRV,
        RrType::Caa => CAA,
    }
}

/// Where the names are in a record of a type that others may point into and that may point (RFC 3597 §4): after so many
/// bytes there are so many names.
pub(super) const fn names(rtype: u16) -> (usize, usize) {
    match rtype {
        NS | CNAME => (0, 1),
        MX => (2, 1),
        SOA => (0, 2),
        _ => (0, 0),
    }
}
