//! Messages over TCP, each behind its length (RFC 1035 §4.2.2, RFC 7766).

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection to a server. Whoever uses it bounds how long.
pub(crate) struct Connection(TcpStream);

impl Connection {
    /// Opens one. Until it stands, nothing was sent.
    pub(crate) async fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Sends a message, which has 65,535 bytes at most.
    pub(crate) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let length = u16::try_from(message.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        // In one piece: some servers do not wait for the second one.
        let framed = [&length.to_be_bytes()[..], message].concat();
        self.0.write_all(&framed).await
    }

    /// The next message.
    pub(crate) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        let length = self.0.read_u16().await?;
        let mut message = vec![0; length.into()];
        self.0.read_exact(&mut message).await?;
        Ok(message)
    }
}
