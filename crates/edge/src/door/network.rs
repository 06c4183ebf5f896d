//! Whose an address is: what strangers take is counted by networks, because one of them has many addresses.

use std::net::IpAddr;

/// The network of an address, as a number: a /24 of IPv4, a /56 of IPv6.
pub(crate) fn of(address: IpAddr) -> u64 {
    match address.to_canonical() {
        // No network of IPv6 that is in use begins with these sixteen zeros.
        IpAddr::V4(address) => u64::from(u32::from(address) >> 8),
        IpAddr::V6(address) => u64::try_from(u128::from(address) >> 64).unwrap_or_default() & !0xff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_network() {
        let of = |text: &str| of(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("192.0.2.200"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.9"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("2001:db8:1:200::1"), of("2001:db8:1:2ff:ffff::"));
        assert_ne!(of("2001:db8:1:200::1"), of("2001:db8:1:300::1"));
    }
}
