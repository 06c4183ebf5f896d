//! An address that questions come to.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, UdpSocket};

/// How many free ports are tried until one is free for both.
const TRIES: usize = 16;

/// An address that questions come to, over UDP and TCP.
///
/// Answers over UDP leave from where the machine's routes lead: on a machine with several addresses each has to be named,
/// instead of all at once (`0.0.0.0`).
#[derive(Debug)]
pub struct Listener {
    pub(super) udp: UdpSocket,
    pub(super) tcp: TcpListener,
}

impl Listener {
    /// Takes an address. With port 0 a port is chosen that is free for both.
    ///
    /// # Errors
    /// The machine's, when the address is taken or may not be.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let mut tries = if address.port() == 0 { TRIES } else { 1 };
        loop {
            let tcp = TcpListener::bind(address).await?;
            match UdpSocket::bind(tcp.local_addr()?).await {
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
