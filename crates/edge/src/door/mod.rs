//! Who comes in over TCP: places in all and per network, and the two beats of a stop.

pub(crate) mod network;
mod places;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

pub(crate) use self::places::{Place, Places};

/// How long nobody is let in when this process may open no more files.
const PAUSE: Duration = Duration::from_millis(100);

/// What is behind a door.
pub(crate) trait Inside: Send + Sync + 'static {
    /// What is served, for the log.
    const NAME: &'static str;

    /// The places of all its doors.
    fn places(&self) -> &Arc<Places>;
    /// How long a stop waits for those who are inside.
    fn grace(&self) -> Duration;
    /// So many are inside.
    fn inside(&self, open: usize);
    /// Somebody was turned away because no place was free.
    fn turned_away(&self);
    /// Talks with somebody until they leave.
    fn converse(
        self: Arc<Self>,
        stream: TcpStream,
        from: SocketAddr,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send;
}

/// Lets people in until it is stopped, and then waits for those who are inside.
pub(crate) async fn serve<I: Inside>(listener: TcpListener, inside: Arc<I>, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {
                inside.inside(inside.places().taken());
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => match inside.places().enter(network::of(from.ip())) {
                Some(place) => {
                    let (inside, stop) = (inside.clone(), stop.clone());
                    connections.spawn(async move {
                        inside.converse(stream, from, stop).await;
                        drop(place);
                    });
                }
                None => inside.turned_away(),
            },
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "nobody can be let in to {} for a moment", I::NAME);
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(PAUSE) => {}
                }
            }
        }
        inside.inside(inside.places().taken());
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(inside.grace(), ended).await.is_err() {
        connections.shutdown().await;
    }
    inside.inside(inside.places().taken());
}

/// Whether only the one who was coming in is gone.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
