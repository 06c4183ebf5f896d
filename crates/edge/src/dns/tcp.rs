//! Questions over TCP, as many as somebody has, one after the other (RFC 7766). The next one is read when the answer to the
//! last one was taken, so that whoever sends and does not read holds nothing but its place, and that for a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::LONGEST_QUESTION;
use super::service::{OverTcp, Service};
use super::tally::Transferred;
use super::transfer::Transfer;
use crate::door::{Inside, Places};

impl Inside for Service {
    const NAME: &'static str = "the DNS server";

    fn places(&self) -> &Arc<Places> {
        &self.places
    }

    fn grace(&self) -> Duration {
        self.bounds.grace
    }

    fn inside(&self, open: usize) {
        self.tally.connections(open);
    }

    fn turned_away(&self) {
        self.tally.turned_away();
    }

    async fn converse(self: Arc<Self>, stream: TcpStream, from: SocketAddr, stop: CancellationToken) {
        converse(stream, from, &self, stop).await;
    }
}

/// Answers one connection until it ends, is idle, takes too long or has been there for long enough.
async fn converse(stream: TcpStream, from: SocketAddr, service: &Service, stop: CancellationToken) {
    // Without it an answer may wait for others to go with.
    let _ = stream.set_nodelay(true);
    let ends = Instant::now() + service.bounds.connection;
    let conversation = async {
        let mut stream = BufReader::with_capacity(LONGEST_QUESTION, stream);
        let (mut packet, mut out, mut framed) = (vec![], vec![], vec![]);
        loop {
            let length = tokio::select! {
                biased;
                length = timeout(service.bounds.idle, stream.read_u16()) => length??,
                () = stop.cancelled() => return Ok(()),
            };
            let length = usize::from(length);
            if length > LONGEST_QUESTION {
                return Ok(());
            }
            packet.resize(length, 0);
            timeout(service.bounds.message, stream.read_exact(&mut packet)).await??;
            match service.over_tcp(&packet, from, &mut out) {
                OverTcp::Nothing => return Ok(()),
                OverTcp::Answer => send(&mut stream, &out, &mut framed, service).await?,
                OverTcp::Transfer(transfer, _place) => hand_over(&mut stream, *transfer, service).await?,
            }
            if stop.is_cancelled() {
                return Ok(());
            }
        }
    };
    let ended: Result<io::Result<()>, _> = timeout_at(ends, conversation).await;
    if let Ok(Err(error)) = ended {
        tracing::debug!(%from, %error, "a connection of the DNS server ended");
    }
}

/// Sends a message, with its length before it.
async fn send(
    stream: &mut BufReader<TcpStream>,
    message: &[u8],
    framed: &mut Vec<u8>,
    service: &Service,
) -> io::Result<()> {
    framed.clear();
    framed.extend_from_slice(&u16::try_from(message.len()).unwrap_or(u16::MAX).to_be_bytes());
    framed.extend_from_slice(message);
    timeout(service.bounds.message, stream.write_all(framed)).await?
}

/// Sends a whole zone, message by message; the next one is written when the last one was taken.
async fn hand_over(stream: &mut BufReader<TcpStream>, mut transfer: Transfer, service: &Service) -> io::Result<()> {
    let (mut out, mut framed) = (vec![], vec![]);
    let sending = async {
        while transfer.write(service.seconds(), &mut out) {
            send(stream, &out, &mut framed, service).await?;
        }
        Ok(())
    };
    let sent: io::Result<()> = timeout(service.bounds.transfer, sending).await.unwrap_or_else(|late| Err(late.into()));
    service.tally.transferred(if sent.is_ok() { Transferred::Done } else { Transferred::Broken });
    sent
}
