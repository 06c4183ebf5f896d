//! Which addresses belong to the public internet: the one list, for what partners send and for what is opened later. The
//! tables follow IANA's registries of special-purpose addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 that are not for everybody, each with its prefix length in bits.
const CLOSED_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // a cloud's host agent, on a public-looking address
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, and the clouds' metadata services
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // retired 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, and broadcast
];

/// The only block of IPv6 that is handed out for the public internet. Outside it lie, among others, loopback, every way
/// of wrapping an IPv4 address (mapped, compatible, translated), and the private, link-local and multicast blocks.
const OPEN_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks inside it that are not for everybody.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: carries any IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether anybody on the internet could be meant by `ip`. In doubt it is not public: an IPv4 address in the clothes of
/// an IPv6 one is refused whatever it wraps.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !CLOSED_V4.iter().any(|block| within_v4(ip, block)),
        IpAddr::V6(ip) => within_v6(ip, &OPEN_V6) && !CLOSED_V6.iter().any(|block| within_v6(ip, block)),
    }
}

/// Which addresses somebody may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public internet.
    Public,
    /// Those, and this machine.
    PublicAndLoopback,
    /// All: for addresses that the operator has written into the configuration.
    Anywhere,
}

impl Reach {
    /// Whether it goes as far as `ip`.
    #[must_use]
    pub fn admits(self, ip: IpAddr) -> bool {
        match self {
            Self::Public => is_public(ip),
            Self::PublicAndLoopback => is_public(ip) || ip.is_loopback(),
            Self::Anywhere => true,
        }
    }
}

/// Endings that mean this machine or an inner network by definition (RFC 6761, RFC 6762, RFC 8375, and `internal`).
const CLOSED_NAMES: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];

/// Whether a host's name can be anybody's on the internet. What it leads to is looked at when it is opened.
#[must_use]
pub fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let ends_in = |ending: &&str| name.strip_suffix(*ending).is_some_and(|rest| rest.ends_with('.'));
    name.contains('.') && !CLOSED_NAMES.iter().any(ends_in)
}

fn within_v4(ip: Ipv4Addr, (network, prefix): &(Ipv4Addr, u32)) -> bool {
    (ip.to_bits() ^ network.to_bits()).leading_zeros() >= *prefix
}

fn within_v6(ip: Ipv6Addr, (network, prefix): &(Ipv6Addr, u32)) -> bool {
    (ip.to_bits() ^ network.to_bits()).leading_zeros() >= *prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First and last addresses of the closed blocks, and the wrappings of IPv4 that people try instead.
    const CLOSED: &str = "
        0.0.0.0          0.255.255.255      10.0.0.0         10.255.255.255
        100.64.0.0       100.127.255.255    127.0.0.1        127.255.255.255
        168.63.129.16    169.254.0.0        169.254.169.254  169.254.255.255
        172.16.0.0       172.31.255.255     192.0.0.0        192.0.0.255
        192.0.2.0        192.0.2.255        192.88.99.0      192.88.99.255
        192.168.0.0      192.168.255.255    198.18.0.0       198.19.255.255
        198.51.100.0     198.51.100.255     203.0.113.0      203.0.113.255
        224.0.0.0        239.255.255.255    240.0.0.0        255.255.255.254    255.255.255.255
        ::               ::1                ::127.0.0.1      ::8.8.8.8
        ::ffff:127.0.0.1 ::ffff:8.8.8.8     ::ffff:0:0       ::ffff:0:10.0.0.1
        64:ff9b::        64:ff9b::8.8.8.8   64:ff9b:1::      64:ff9b:1:ffff:ffff:ffff:ffff:ffff
        100::            100::ffff:ffff:ffff:ffff
        2001::           2001:0:1::1        2001:1ff:ffff::  2001:db8::         2001:db8:ffff::1
        2002::           2002:7f00:1::      2002:ffff::1     3fff::             3fff:fff:ffff::
        5f00::           5f00:ffff::        fc00::           fdff:ffff::1       fd00:ec2::254
        fe80::1          febf::1            fec0::1          ff02::1            ffff::
    ";

    /// The neighbours of the closed blocks, and well-known public addresses.
    const OPEN: &str = "
        1.0.0.0          1.1.1.1            8.8.8.8          9.255.255.255
        11.0.0.0         100.63.255.255     100.128.0.0      126.255.255.255
        128.0.0.0        168.63.129.15      168.63.129.17    169.253.255.255
        169.255.0.0      172.15.255.255     172.32.0.0       191.255.255.255
        192.0.1.0        192.0.3.0          192.88.98.255    192.88.100.0
        192.167.255.255  192.169.0.0        198.17.255.255   198.20.0.0
        198.51.99.255    198.51.101.0       203.0.112.255    203.0.114.0        223.255.255.255
        2000::1          2001:200::         2001:db7:ffff::  2001:db9::         2001:4860:4860::8888
        2003::1          2606:4700:4700::1111  3ffe:ffff::   3fff:1000::
    ";

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn closed_blocks_are_not_public() {
        let wrong: Vec<_> = CLOSED.split_whitespace().filter(|text| is_public(address(text))).collect();
        assert!(wrong.is_empty(), "public by mistake: {wrong:?}");
    }

    #[test]
    fn their_neighbours_are_public() {
        let wrong: Vec<_> = OPEN.split_whitespace().filter(|text| !is_public(address(text))).collect();
        assert!(wrong.is_empty(), "closed by mistake: {wrong:?}");
    }

    #[test]
    fn loopback_is_admitted_only_where_it_was_asked_for() {
        for text in ["127.0.0.1", "::1"] {
            assert!(!Reach::Public.admits(address(text)));
            assert!(Reach::PublicAndLoopback.admits(address(text)));
        }
        assert!(!Reach::PublicAndLoopback.admits(address("10.0.0.1")));
        assert!(Reach::Anywhere.admits(address("10.0.0.1")));
        assert!(!Reach::PublicAndLoopback.admits(address("::ffff:127.0.0.1")));
    }

    #[test]
    fn names_of_inner_networks_are_not_public() {
        for name in
            ["localhost", "localhost.", "app.localhost", "intranet", "printer.local", "db.internal", "nas.home.arpa"]
        {
            assert!(!is_public_name(name), "{name}");
        }
        for name in ["acme.com", "acme.com.", "xn--bcher-kva.example", "local.acme.com"] {
            assert!(is_public_name(name), "{name}");
        }
    }
}
