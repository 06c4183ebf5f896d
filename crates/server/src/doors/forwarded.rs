//! Who stands behind a proxy: `Forwarded` (RFC 7239) and `X-Forwarded-For`.
//!
//! Each proxy adds the address that it saw at the right end, and what stands further left is what others have
//! claimed. So the right-most address that is no proxy of ours is believed, and only when the connection itself comes
//! from a proxy of ours.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// The proxies whose word is believed.
#[derive(Clone, Debug, Default)]
pub(super) struct Trusted(pub(super) Vec<IpNet>);

impl Trusted {
    /// Whether an address is one of theirs.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// The address of whoever sent a request that came from `peer`. A peer that is not trusted speaks for itself. What
    /// a trusted one says in a way that cannot be read, or differently in the two headers, is not believed: then the
    /// proxy itself is the sender, and everybody who is told so shares its bounds.
    pub(super) fn sender(&self, peer: IpAddr, headers: &HeaderMap) -> Sender {
        if !self.has(peer) {
            return Sender::Peer;
        }
        match (self.last(headers, &X_FORWARDED_FOR), self.last(headers, &header::FORWARDED)) {
            (None, None) => Sender::Peer,
            (Some(Some(one)), None) | (None, Some(Some(one))) => Sender::Behind(one),
            (Some(Some(one)), Some(Some(other))) if one == other => Sender::Behind(one),
            _ => Sender::Behind(peer.to_canonical()),
        }
    }

    /// The right-most address that is not trusted; `None` where the header is missing, `Some(None)` where that place
    /// has no address. A chain of nothing but proxies ends at its first one.
    fn last(&self, headers: &HeaderMap, name: &HeaderName) -> Option<Option<IpAddr>> {
        let values: Vec<_> = headers.get_all(name).iter().collect();
        let mut found = None;
        for value in values.iter().rev() {
            for hop in value.to_str().unwrap_or("?").rsplit(',') {
                let address = if *name == header::FORWARDED { for_of(hop) } else { Some(hop) }.and_then(address);
                match address {
                    Some(address) if self.has(address) => found = Some(Some(address)),
                    other => return Some(other),
                }
            }
        }
        found
    }
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// Whoever the connection comes from.
    Peer,
    /// Somebody behind a proxy of ours.
    Behind(IpAddr),
}

/// Whether a request says of itself that it came through a proxy.
pub(super) fn came_through_a_proxy(headers: &HeaderMap) -> bool {
    [X_FORWARDED_FOR, X_REAL_IP, header::FORWARDED, header::VIA].iter().any(|name| headers.contains_key(name))
}

/// The address as bounds count it: whoever has one IPv6 address has the whole /64 network of it.
pub(super) fn home(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// The value of `for=` in one hop of a `Forwarded` header.
fn for_of(hop: &str) -> Option<&str> {
    let mut pairs = hop.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    Some(value.trim().trim_matches('"'))
}

/// An address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None if text.matches(':').count() == 1 => text.split(':').next().unwrap_or(text),
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.7";

    fn trusted() -> Trusted {
        Trusted(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:f::/48".parse().unwrap()])
    }

    fn sender(peer: &str, lines: &[(&'static str, &str)]) -> Sender {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        trusted().sender(peer.parse().unwrap(), &headers)
    }

    fn behind(address: &str) -> Sender {
        Sender::Behind(address.parse().unwrap())
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_of_ours_is_believed() {
        let xff = |value| sender(PROXY, &[("x-forwarded-for", value)]);
        assert_eq!(xff("192.0.2.1"), behind("192.0.2.1"));
        assert_eq!(xff("6.6.6.6, 192.0.2.1"), behind("192.0.2.1"), "what stands on the left was claimed");
        assert_eq!(xff("6.6.6.6, 192.0.2.1 , 10.2.3.4,2001:db8:f::9"), behind("192.0.2.1"));
        assert_eq!(xff("192.0.2.1:4711"), behind("192.0.2.1"));
        assert_eq!(xff("::ffff:192.0.2.1"), behind("192.0.2.1"));
        assert_eq!(xff("[2001:db8::1]:443"), behind("2001:db8::1"));
        assert_eq!(xff("10.9.9.9, 10.1.1.1"), behind("10.9.9.9"), "somebody inside");
        let lines = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "10.1.1.1")];
        assert_eq!(sender(PROXY, &lines), behind("192.0.2.1"), "several lines are one list");
        let forwarded = r#"for=6.6.6.6, proto=https;For="[2001:db8::1]:4711";by=10.1.1.1, for=10.1.1.1"#;
        assert_eq!(sender(PROXY, &[("forwarded", forwarded)]), behind("2001:db8::1"));
    }

    #[test]
    fn strangers_speak_for_themselves_and_nothing_unclear_frees_anybody_of_a_bound() {
        assert_eq!(sender("192.0.2.9", &[("x-forwarded-for", "192.0.2.1")]), Sender::Peer);
        assert_eq!(sender(PROXY, &[]), Sender::Peer);
        for value in ["unknown", "", "192.0.2.1, _hidden", "1.2.3"] {
            assert_eq!(sender(PROXY, &[("x-forwarded-for", value)]), behind(PROXY), "{value:?}");
        }
        let both = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=198.51.100.1")];
        assert_eq!(sender(PROXY, &both), behind(PROXY), "one of the two was made up");
        let agreeing = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
        assert_eq!(sender(PROXY, &agreeing), behind("192.0.2.1"));
    }

    #[test]
    fn an_address_counts_by_what_one_customer_has() {
        let home = |text: &str| home(text.parse().unwrap()).to_string();
        assert_eq!(home("192.0.2.1"), "192.0.2.1");
        assert_eq!(home("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(home("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
