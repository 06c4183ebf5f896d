//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::future::{Future as _, poll_fn};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep};

use super::Door;
use super::pulse::{Pulse, Watched};

impl Door {
    /// Serves a connection until it ends, its time is up, or the process has stopped for long enough.
    pub(super) async fn hold<S>(self: Arc<Self>, stream: S, peer: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (pulse, patience) = (Pulse::new(), self.patience);
        let stream = TokioIo::new(Watched { stream, pulse: pulse.clone() });
        let (door, of_requests) = (self.clone(), pulse.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let (door, pulse) = (door.clone(), of_requests.clone());
            async move { Ok::<_, Infallible>(door.answer(peer, pulse, request).await) }
        });
        let mut connection = pin!(self.protocol.serve_connection(stream, service));
        let (mut stopping, mut parting) = (pin!(self.stop.cancelled()), None);
        let mut timer = pin!(sleep(patience.head));
        // What the connection is at changes only while it is polled, so its deadline is looked at after that.
        poll_fn(|cx| {
            if parting.is_none() && stopping.as_mut().poll(cx).is_ready() {
                parting = Some(Instant::now());
                connection.as_mut().graceful_shutdown();
            }
            if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                if let Err(error) = ended {
                    tracing::debug!(%error, %peer, "a connection broke");
                }
                return Poll::Ready(());
            }
            let Some(deadline) = pulse.deadline(patience, parting) else { return Poll::Pending };
            if timer.deadline() != deadline {
                timer.as_mut().reset(deadline);
            }
            timer.as_mut().poll(cx)
        })
        .await;
    }
}
