//! Whose trouble it is: what keeps us from asking must not be told as the other side's.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::Duration;

use rustix::io::Errno;
use tokio::time::timeout;

/// A name that is there for as long as there is a domain name system. Whoever cannot look it up cannot look up anything.
/// Tests need no network.
pub(super) const CONTROL: &str = if cfg!(test) { "localhost" } else { "a.root-servers.net" };

/// How long the look-up of a name may take. With the one of [`CONTROL`] after it, it ends before a webhook's attempt
/// does, which would be told as the receiver's silence.
pub(super) const LOOK_UP: Duration = Duration::from_secs(8);

/// How long the look-up of [`CONTROL`] may take.
const CONTROL_LOOK_UP: Duration = Duration::from_secs(4);

/// Nothing was asked, because this machine could not.
#[derive(Debug, thiserror::Error)]
#[error("this machine cannot look up names or open connections")]
pub(super) struct Ours;

/// What the operating system says when the machine itself has run out of something or lets nothing out. An unreachable
/// network is not among them: routers of others say that too, so [`has_route`] is asked.
const LOCAL: [Errno; 8] = [
    Errno::MFILE,
    Errno::NFILE,
    Errno::NOBUFS,
    Errno::NOMEM,
    Errno::ADDRNOTAVAIL,
    Errno::AGAIN,
    Errno::NETDOWN,
    Errno::PERM,
];

/// Whether an error of the operating system, or what it was made from, is about this machine.
pub(super) fn is_local(error: &io::Error) -> bool {
    if let Some(code) = error.raw_os_error() {
        return LOCAL.iter().any(|errno| errno.raw_os_error() == code);
    }
    error.get_ref().is_some_and(|inner| of_cause(inner))
}

fn of_cause(error: &(dyn Error + 'static)) -> bool {
    match error.downcast_ref::<io::Error>() {
        Some(error) => is_local(error),
        None => error.source().is_some_and(of_cause),
    }
}

/// Whether this machine has a way to an address: it has none to IPv6 addresses where it has no IPv6, and none to anything
/// while its network is down. Connecting a datagram socket sends nothing, it only asks the routing table.
pub(super) fn has_route(address: IpAddr) -> bool {
    let from: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    UdpSocket::bind((from, 0)).and_then(|socket| socket.connect((address, 443))).is_ok()
}

/// Whether a name that is there can be looked up: asked when another could not be.
pub(super) async fn resolves(name: &str) -> bool {
    let looked = timeout(CONTROL_LOOK_UP, tokio::net::lookup_host((name, 0))).await;
    looked.is_ok_and(|answer| answer.is_ok_and(|mut found| found.next().is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_lacks_is_told_apart_from_what_others_do() {
        for errno in LOCAL {
            assert!(is_local(&errno.into()), "{errno:?}");
            assert!(is_local(&io::Error::other(io::Error::from(errno))), "{errno:?} inside another");
        }
        for errno in
            [Errno::CONNREFUSED, Errno::CONNRESET, Errno::HOSTUNREACH, Errno::NETUNREACH, Errno::TIMEDOUT, Errno::PIPE]
        {
            assert!(!is_local(&errno.into()), "{errno:?}");
        }
        assert!(!is_local(&io::Error::other("something else")));
    }

    #[test]
    fn there_is_a_way_to_this_machine_and_none_to_a_group_of_them() {
        assert!(has_route(Ipv4Addr::LOCALHOST.into()));
        // The kernel lets nobody connect to the broadcast address who has not asked to broadcast.
        assert!(!has_route(Ipv4Addr::BROADCAST.into()));
    }

    #[tokio::test]
    async fn a_look_up_works_or_does_not() {
        assert!(resolves("localhost").await);
        // No resolver needs a network to know that a label has 63 bytes at most.
        assert!(!resolves(&format!("{}.example.com", "a".repeat(64))).await);
    }
}
