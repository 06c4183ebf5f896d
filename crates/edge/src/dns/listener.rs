//! An address that questions come to.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

/// How many free ports are tried until one is free for both.
const TRIES: usize = 16;
/// How many connections may wait to be let in.
const COMING: i32 = 1024;
/// How much may wait at a socket over UDP, in bytes: a burst that comes while others of this process have their turn.
const WAITING: usize = 1 << 20;

/// An address that questions come to, over UDP and TCP.
///
/// Answers over UDP leave from where the machine's routes lead: on a machine with several addresses each has to be named,
/// instead of all at once (`0.0.0.0`).
#[derive(Debug)]
pub struct Listener {
    /// Several, so that the kernel spreads those who ask over as many tasks.
    pub(super) udp: Vec<UdpSocket>,
    pub(super) tcp: TcpListener,
}

impl Listener {
    /// Takes an address, to be answered at by `tasks` at once over UDP. With port 0 a port is chosen that is free for both.
    ///
    /// # Errors
    /// The machine's, when the address is taken or may not be.
    ///
    /// # Panics
    /// Outside of a runtime of tokio.
    pub fn bind(address: SocketAddr, tasks: usize) -> io::Result<Self> {
        let mut tries = if address.port() == 0 { TRIES } else { 1 };
        loop {
            match Self::take(address, tasks.max(1)) {
                Err(_) if tries > 1 => tries -= 1,
                taken => return taken,
            }
        }
    }

    fn take(address: SocketAddr, tasks: usize) -> io::Result<Self> {
        // Nobody shares this one: a second server at the same address is noticed here.
        let tcp = socket(address, Type::STREAM)?;
        tcp.set_reuse_address(true)?;
        tcp.bind(&address.into())?;
        tcp.listen(COMING)?;
        let tcp = TcpListener::from_std(tcp.into())?;
        let address = tcp.local_addr()?;
        // And a stranger's over UDP here: it would be shared with strangers of the same user too.
        socket(address, Type::DGRAM)?.bind(&address.into())?;
        let udp = (0..tasks).map(|_| shared(address)).collect::<io::Result<_>>()?;
        Ok(Self { udp, tcp })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The machine's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// A socket for an address, for nobody else's: that of all addresses of IPv6 is not that of IPv4.
fn socket(address: SocketAddr, kind: Type) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// A socket for UDP that shares its address with others of this process.
fn shared(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = socket(address, Type::DGRAM)?;
    socket.set_reuse_port(true)?;
    // What the machine gives less of, it gives less of.
    let _ = socket.set_recv_buffer_size(WAITING);
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_is_taken_once() {
        let first = Listener::bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
        let address = first.address().unwrap();
        assert!(Listener::bind(address, 2).is_err());
        drop(first);
        let udp = std::net::UdpSocket::bind(address).unwrap();
        assert!(Listener::bind(address, 2).is_err(), "one that is taken over UDP only");
        drop(udp);
        assert!(Listener::bind(address, 2).is_ok());
    }
}
