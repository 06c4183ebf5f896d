//! An address that questions come to.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

/// How many free ports are tried until one is free for both.
const TRIES: usize = 16;
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
    pub async fn bind(address: SocketAddr, tasks: usize) -> io::Result<Self> {
        let mut tries = if address.port() == 0 { TRIES } else { 1 };
        loop {
            // Nobody shares this one: a second server at the same address is noticed here.
            let tcp = TcpListener::bind(address).await?;
            let taken = tcp.local_addr()?;
            // Nor the first one of these, for as long as it takes to know that it is free.
            match check_free(taken).and_then(|()| (0..tasks.max(1)).map(|_| shared(taken)).collect()) {
                Ok(udp) => return Ok(Self { udp, tcp }),
                Err(error) if tries == 1 => return Err(error),
                Err(_) => tries -= 1,
            }
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The machine's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// Whether an address is free over UDP: one that is shared would be shared with strangers of the same user too.
fn check_free(address: SocketAddr) -> io::Result<()> {
    std::net::UdpSocket::bind(address).map(drop)
}

/// A socket for UDP that shares its address with others of this process.
fn shared(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_port(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // What the machine gives less of, it gives less of.
    let _ = socket.set_recv_buffer_size(WAITING);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}
