//! A connection: requests one after the other, read by `hyper`, each answered in a few bytes (RFC 9112).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, answer};
use super::challenge::ChallengeKind;
use super::{Rendered, Scheme, Service, tls};
use crate::door::{Inside, Places};

/// The least that `hyper` reads before a body.
const LEAST_HEAD: usize = 8_192;
/// How long browsers may keep where an address leads: a redirect for good is otherwise kept for ever, and people change their minds.
const KEPT: HeaderValue = HeaderValue::from_static("max-age=3600");

/// One side of the server.
pub(super) struct Side {
    pub(super) service: Arc<Service>,
    pub(super) scheme: Scheme,
}

impl Inside for Side {
    const NAME: &'static str = "the redirect server";

    fn places(&self) -> &Arc<Places> {
        &self.service.places
    }

    fn grace(&self) -> Duration {
        self.service.bounds.grace
    }

    fn inside(&self, open: usize) {
        self.service.tally.connections(open);
    }

    fn turned_away(&self) {
        self.service.tally.turned_away();
    }

    async fn converse(self: Arc<Self>, stream: TcpStream, from: SocketAddr, stop: CancellationToken) {
        // Without it an answer may wait for others to go with.
        let _ = stream.set_nodelay(true);
        let ends = Instant::now() + self.service.bounds.connection;
        let conversation = async {
            match self.scheme {
                Scheme::Http => requests(&self.service, stream, None, &stop).await,
                Scheme::Https => match tls::shake_hands(&self.service, stream).await {
                    Some((stream, name)) => requests(&self.service, stream, Some(name), &stop).await,
                    None => Ok(()),
                },
            }
        };
        if let Ok(Err(error)) = timeout_at(ends, conversation).await {
            tracing::debug!(%from, %error, "a connection of the redirect server ended");
        }
    }
}

/// Answers requests until the other side leaves, is slow, or the server stops.
async fn requests<S>(
    service: &Arc<Service>,
    stream: S,
    sni: Option<String>,
    stop: &CancellationToken,
) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let sni = sni.as_deref();
    let respond = service_fn(async |request| Ok::<_, Infallible>(respond(service, request, sni).await));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(service.bounds.request);
    http.max_buf_size(service.bounds.head.max(LEAST_HEAD));
    let connection = http.serve_connection(TokioIo::new(stream), respond);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}

/// Answers a request. Its body, if it has one, is nobody's business: `hyper` reads no more of it than has come with the head.
async fn respond(service: &Service, request: Request<Incoming>, sni: Option<&str>) -> Response<Full<Bytes>> {
    let (request, _unread) = request.into_parts();
    let response = match answer(&service.sites, &request, sni) {
        Answer::Leads(site) => leads(&site, &request.uri, sni.is_some()),
        Answer::Status(status) => only(status),
        Answer::Challenge { name, token } => {
            match service.challenge(&name, ChallengeKind::Http01, Some(&token)).await {
                Some(challenge) => {
                    service.tally.challenged();
                    authorized(challenge.authorization)
                }
                None => only(StatusCode::NOT_FOUND),
            }
        }
    };
    let scheme = if sni.is_some() { Scheme::Https } else { Scheme::Http };
    service.tally.answered(scheme, response.status().as_u16());
    response
}

fn leads(site: &Rendered, asked: &http::Uri, is_secure: bool) -> Response<Full<Bytes>> {
    let Some(location) = site.location(asked) else { return only(StatusCode::BAD_REQUEST) };
    let mut response = only(site.status);
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, KEPT);
    // RFC 6797 §7.2: never in the clear.
    if let Some(hsts) = site.hsts.clone().filter(|_| is_secure) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts);
    }
    response
}

fn authorized(authorization: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(authorization));
    let kind = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn only(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
