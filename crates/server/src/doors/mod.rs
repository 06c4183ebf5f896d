//! Where strangers come in: connections are bounded in number and in time, and the process can stop although somebody
//! holds one open.
//!
//! Nothing here knows what a request means. A connection has a place (`places`), so many seconds for what it is at
//! (`pulse`), and its requests carry the address of whoever sent them (`forwarded`).

mod accept;
mod bodies;
mod busy;
mod descriptors;
mod forwarded;
mod hold;
mod places;
mod pulse;
mod settings;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::server::conn::http1;
use model::id::Ids;
use model::metric;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use self::accept::Seldom;
use self::bodies::{Arriving, Leaving, Pace};
use self::forwarded::{Sender, Trusted};
use self::places::Places;
use self::pulse::{Patience, Pulse};
use crate::config::Config;

pub(crate) use self::descriptors::{our_own, raise as raise_descriptors};
pub use self::settings::{Connections, Grace, Shutdown, network};

/// The way in, as the operator has set it up.
pub struct Door {
    /// Which listener it is, in metrics.
    name: &'static str,
    router: Router,
    ids: Ids,
    trusted: Trusted,
    connections: Places,
    /// Those under way for people behind proxies that the operator named.
    requests: Places,
    patience: Patience,
    pace: Pace,
    protocol: http1::Builder,
    /// Whether somebody was told already that a proxy is not named.
    told_of_proxy: AtomicBool,
    refusals: Seldom,
    /// Cancelled when other processes should take over: whoever is answered is sent away.
    leaving: CancellationToken,
    /// Cancelled when nobody is let in any more.
    stop: CancellationToken,
}

/// How many strangers may be in at once: raises the limit of open files, and keeps back what this process needs itself.
#[must_use]
pub fn most(config: &Config) -> usize {
    let (wanted, descriptors) = (config.connections.most, descriptors::raise());
    let most = descriptors::places(wanted, descriptors, descriptors::our_own(config));
    if most < wanted {
        tracing::warn!(
            connections = most,
            open_files = descriptors,
            "fewer connections than connections.most are taken, because this process may not open more files; raise its limit (LimitNOFILE, ulimit -n)"
        );
    }
    most
}

impl Door {
    /// A door to `router` with so many places; `name` is the listener's in metrics.
    #[must_use]
    pub fn new(
        (name, most): (&'static str, usize),
        config: &Config,
        router: Router,
        ids: Ids,
        leaving: CancellationToken,
        stop: CancellationToken,
    ) -> Self {
        let set = &config.connections;
        let mut protocol = http1::Builder::new();
        // The clock of heads is ours: it does not run while a connection is idle.
        protocol.header_read_timeout(None).max_buf_size(set.header_kib * 1024);
        Self {
            name,
            router,
            ids,
            trusted: Trusted(config.trusted_proxies.iter().filter_map(|text| network(text).ok()).collect()),
            connections: Places::new(most, set.most_per_address),
            requests: Places::new(usize::MAX, set.most_per_address),
            patience: Patience {
                head: Duration::from_secs(set.header_seconds),
                idle: Duration::from_secs(set.idle_seconds),
            },
            pace: Pace { in_all: Duration::from_secs(set.body_seconds), bytes_per_second: set.body_bytes_per_second },
            protocol,
            told_of_proxy: AtomicBool::new(false),
            refusals: Seldom::default(),
            leaving,
            stop,
        }
    }

    /// Answers a request that came from `peer`.
    async fn answer<B>(&self, peer: IpAddr, pulse: Pulse, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = axum::body::Bytes, Error: Into<axum::BoxError>> + Send + Unpin + 'static,
    {
        pulse.begins(!request.body().is_end_stream());
        let sender = self.trusted.sender(peer, request.headers());
        if sender == Sender::Peer && forwarded::came_through_a_proxy(request.headers()) {
            self.note_proxy(peer);
        }
        let (address, place) = match sender {
            Sender::Peer => (peer, Ok(None)),
            Sender::Behind(address) => (address, self.requests.enter(address).map(Some).ok_or(())),
        };
        let mut response = match place {
            Ok(place) => {
                let mut request = request.map(|body| Body::new(Arriving::new(body, pulse.clone(), self.pace)));
                request.extensions_mut().insert(api::ClientAddress(forwarded::home(address)));
                let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
                response.map(|body| Body::new(Leaving { body, pulse, _place: place }))
            }
            Err(()) => {
                self.refused(address);
                busy::answer(&self.ids.next()).map(|body| Body::new(Leaving { body, pulse, _place: None }))
            }
        };
        if self.leaving.is_cancelled() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    fn note_proxy(&self, peer: IpAddr) {
        if self.connections.stands_for_many(peer) && !self.told_of_proxy.swap(true, Ordering::Relaxed) {
            tracing::warn!(%peer, "requests come through a proxy that trusted_proxies does not name: name it, so that bounds per address hold for the people behind it");
        }
    }

    fn refused(&self, address: IpAddr) {
        metrics::counter!(metric::CONNECTIONS_REFUSED, "listener" => self.name).increment(1);
        if let Some(count) = self.refusals.say() {
            tracing::warn!(%address, count, "all connections are taken, in all or for an address; see connections in the settings");
        }
    }
}
