//! An address that requests come to.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;

/// How many connections may wait to be let in.
const COMING: i32 = 1024;

/// What is spoken at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP, in the clear.
    Http,
    /// HTTP over TLS.
    Https,
}

/// An address that requests come to.
#[derive(Debug)]
pub struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) scheme: Scheme,
}

impl Listener {
    /// Takes an address. That of all addresses of IPv6 is not that of IPv4: both can be taken side by side. With port 0 a free port
    /// is chosen.
    ///
    /// # Errors
    /// The machine's, when the address is taken or may not be.
    ///
    /// # Panics
    /// Outside of a runtime of tokio.
    pub fn bind(address: SocketAddr, scheme: Scheme) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(COMING)?;
        Ok(Self { tcp: TcpListener::from_std(socket.into())?, scheme })
    }

    /// What is spoken there.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The machine's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
