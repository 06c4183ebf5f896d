//! Questions over TCP, as many as somebody has, one after the other (RFC 7766). The next one is read when the answer to the
//! last one was taken, so that whoever sends and does not read holds nothing but its place, and that for a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::places::Place;
use super::service::Service;
use super::{LONGEST_QUESTION, network};

/// How long nobody is let in when this process may open no more files.
const PAUSE: Duration = Duration::from_millis(100);

/// Lets people in until it is stopped, and then waits for answers that are under way.
pub(super) async fn serve(listener: TcpListener, service: Arc<Service>, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {
                service.tally.connections(service.places.taken());
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => match service.places.enter(network::of(from.ip())) {
                Some(place) => {
                    connections.spawn(converse(stream, from, place, service.clone(), stop.clone()));
                    service.tally.connections(service.places.taken());
                }
                None => service.tally.turned_away(),
            },
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "nobody can be let in over TCP for a moment");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(PAUSE) => {}
                }
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(service.bounds.grace, ended).await.is_err() {
        connections.shutdown().await;
    }
    service.tally.connections(service.places.taken());
}

/// Whether only the one who was coming in is gone.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Answers one connection until it ends, is idle, takes too long or has been there for long enough.
async fn converse(stream: TcpStream, from: SocketAddr, place: Place, service: Arc<Service>, stop: CancellationToken) {
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
    drop(place);
}
