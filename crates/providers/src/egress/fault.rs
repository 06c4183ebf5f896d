//! Why there was no answer, told by what happened and safe to show to the customer whose address it was.

use std::error::Error;
use std::io;
use std::net::IpAddr;

use url::{Host, Url};

use super::ours::{Ours, has_route, is_local};
use super::resolver::{NotPublic, Unresolved};
use super::target::UrlFault;

/// Why an exchange ended without an answer. The sentences never quote an inner error, which could describe our network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The URL itself will not do.
    #[error("{0}")]
    BadUrl(UrlFault),
    /// The host is an address that is not public, or a name that cannot be. Nothing was sent.
    #[error("the address is not public")]
    NotPublic,
    /// The time for the whole exchange ran out. The other side may have received the request.
    #[error("there was no complete answer in time")]
    Timeout,
    /// The host's name leads to no address, or to one that is not public: which of the two would tell strangers what
    /// names our own network has. Nothing was sent.
    #[error("the host's name does not lead to a public address")]
    Unresolved,
    /// Nobody listens there. Nothing was sent.
    #[error("no connection could be made")]
    Connect,
    /// The certificate is not valid for this host, or the other side does not speak TLS. Nothing was sent.
    #[error("no secure connection could be made: check the certificate")]
    Tls,
    /// This machine could not ask: it has no descriptors, no network, or nobody who resolves names. Nothing was sent, and
    /// it says nothing about the other side.
    #[error("this server could not send")]
    Ours,
    /// Anything else, such as a connection that broke. The other side may have received the request.
    #[error("the connection broke before the answer")]
    Other,
}

impl From<UrlFault> for EgressError {
    fn from(fault: UrlFault) -> Self {
        match fault {
            UrlFault::NotPublic => Self::NotPublic,
            other => Self::BadUrl(other),
        }
    }
}

impl From<reqwest::Error> for EgressError {
    fn from(error: reqwest::Error) -> Self {
        // A literal address never reaches the resolver, which asks for a way before it is connected to.
        let is_lost = error.is_connect() && error.url().and_then(literal).is_some_and(|address| !has_route(address));
        let error = error.without_url();
        tracing::debug!(?error, "an outgoing request got no answer");
        if is_lost || caused_by::<Ours>(&error) || causes(&error).any(is_local_io) {
            Self::Ours
        } else if caused_by::<NotPublic>(&error) || caused_by::<Unresolved>(&error) {
            Self::Unresolved
        } else if caused_by::<rustls::Error>(&error) {
            Self::Tls
        } else if error.is_connect() {
            // Before the question of time: a connection that did not stand in time carried nothing.
            Self::Connect
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Other
        }
    }
}

/// The address that a URL has instead of a name.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn caused_by<Cause: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|error| error.is::<Cause>())
}

fn is_local_io(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(is_local)
}

/// An error, what it was made from, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| cause_of(error))
}

/// What `error` was made from. An I/O error is asked directly: its own `source` skips the error inside it.
fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
