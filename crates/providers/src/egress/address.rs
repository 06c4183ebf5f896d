//! How far a client may reach.

use std::net::IpAddr;

use model::public_address::is_public;

/// Which addresses a client may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those of the public internet.
    Public,
    /// Those, and this machine.
    PublicAndLoopback,
}

impl Reach {
    pub(super) fn admits(self, ip: IpAddr) -> bool {
        is_public(ip) || (self == Self::PublicAndLoopback && ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn loopback_is_admitted_only_where_it_was_asked_for() {
        for text in ["127.0.0.1", "::1"] {
            assert!(!Reach::Public.admits(address(text)));
            assert!(Reach::PublicAndLoopback.admits(address(text)));
        }
        assert!(!Reach::PublicAndLoopback.admits(address("10.0.0.1")));
        assert!(!Reach::PublicAndLoopback.admits(address("::ffff:127.0.0.1")));
    }
}
