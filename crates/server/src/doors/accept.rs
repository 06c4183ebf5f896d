//! Who gets a place, and what happens when there is none or the system has trouble.

use std::future::Future;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::metric;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use tokio_util::task::TaskTracker;

use super::places::Place;
use super::{Door, busy};

/// How long nothing is accepted after the system had trouble, such as no descriptors: trying at once would only spin.
const REST: Duration = Duration::from_millis(100);

/// How much of a request that nobody will read is taken from the system, so that its sender gets to see the answer.
const UNREAD: usize = 4_096;

/// Where connections come from.
pub(super) trait Entrance {
    /// What a connection is.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// The next one.
    fn next(&self) -> impl Future<Output = io::Result<(Self::Stream, SocketAddr)>> + Send;

    /// Answers one without waiting, and closes it.
    fn turn_away(stream: Self::Stream, answer: &[u8]);
}

impl Entrance for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.accept().await
    }

    fn turn_away(stream: TcpStream, answer: &[u8]) {
        let Ok(mut stream) = stream.into_std() else { return };
        // A fresh socket takes this at once. Whoever has hung up does not need it.
        let sent = stream.write(answer).and_then(|_| stream.shutdown(std::net::Shutdown::Write));
        if sent.is_ok() {
            let _ = stream.read(&mut [0; UNREAD]);
        }
    }
}

impl Door {
    /// Lets people in until told to stop, then waits until the last one has left.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        self.let_in(listener).await;
    }

    pub(super) async fn let_in<E: Entrance>(self: Arc<Self>, entrance: E) {
        let (inside, trouble) = (TaskTracker::new(), Seldom::default());
        loop {
            let came = tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                came = entrance.next() => came,
            };
            match came {
                Ok((stream, peer)) => match self.place(peer.ip()) {
                    Some(place) => drop(inside.spawn(self.clone().sit(stream, peer.ip(), place))),
                    None => {
                        self.refused(peer.ip());
                        E::turn_away(stream, &busy::bytes(&self.ids.next()));
                    }
                },
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => {
                    if let Some(count) = trouble.say() {
                        tracing::error!(%error, count, "connections cannot be accepted; trying again");
                    }
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => {}
                        () = sleep(REST) => {}
                    }
                }
            }
        }
        drop(entrance);
        inside.close();
        inside.wait().await;
    }

    async fn sit<S>(self: Arc<Self>, stream: S, peer: IpAddr, place: Place)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let open = metrics::gauge!(metric::CONNECTIONS, "listener" => self.name);
        open.increment(1.0);
        self.hold(stream, peer).await;
        open.decrement(1.0);
        drop(place);
    }

    fn place(&self, peer: IpAddr) -> Option<Place> {
        if self.trusted.has(peer) { self.connections.enter_trusted() } else { self.connections.enter(peer) }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Something that happens often and is said seldom, with how often it happened.
#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Seldom {
    const EVERY: Duration = Duration::from_secs(10);

    /// Counts it; answers the count since the last time when it is to be said now.
    pub(super) fn say(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, count) = &mut *state;
        *count += 1;
        if said.is_some_and(|said| said.elapsed() < Self::EVERY) {
            return None;
        }
        *said = Some(Instant::now());
        Some(std::mem::take(count))
    }
}
