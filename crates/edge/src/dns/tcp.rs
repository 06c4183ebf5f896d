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
use super::service::Service;
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
            if !service.over_tcp(&packet, &mut out) {
                return Ok(());
            }
            framed.clear();
            framed.extend_from_slice(&u16::try_from(out.len()).unwrap_or(u16::MAX).to_be_bytes());
            framed.extend_from_slice(&out);
            timeout(service.bounds.message, stream.write_all(&framed)).await??;
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
