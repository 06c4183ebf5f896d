//! The one way out to an address that a customer chose: webhooks, pictures, forwarding targets; and to the operator's own.
//!
//! A server that fetches what strangers name can be turned against its own network. So every address is checked where
//! it cannot change any more: a literal one in the URL, a resolved one in the resolver of the very client that then
//! connects to it. Redirects, proxies and retries are off: each would reach something that nobody checked or asked for.

mod exchange;
mod fault;
#[cfg(test)]
mod odd_answers;
mod ours;
mod packing;
mod reply;
mod resolver;
mod target;
#[cfg(test)]
mod tests;

use std::time::Duration;

use model::clock::Time;
use reqwest::{Client, RequestBuilder, Response};
use tokio::time::{Instant, timeout_at};

use self::packing::room;
use self::reply::packing;
use self::resolver::GuardedResolver;

pub use self::exchange::{Incoming, Outgoing};
pub use self::fault::EgressError;
pub use self::reply::{Reply, RetryAfter};
pub use self::target::{Trust, UrlFault, check_url};

/// How much of the answer to a POST is kept, in bytes: enough to tell a developer what their endpoint said.
const POST_BODY_LIMIT: usize = model::delivery::KEPT;
/// How long an unused connection is kept: less than the 5 seconds after which common servers hang up, so that a request
/// does not cross with their goodbye, and short because the name behind it may move.
const IDLE: Duration = Duration::from_secs(4);
/// How long a connection to one of the operator's own addresses may take to stand, the look-up of its name and TLS
/// included. It ends well before an exchange does: of what never had a connection, nothing was sent.
const OPERATOR_CONNECT: Duration = Duration::from_secs(5);
/// As many unused connections per host as there are deliveries in flight to one endpoint that answers fast, with the usual settings.
const IDLE_PER_HOST: usize = 64;
/// As many headers as an answer may have.
const MAX_HEADERS: usize = 1_000;

/// How far a GET may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most that is read of the body, in bytes.
    pub bytes: usize,
    /// The end of the whole exchange, from the look-up of the name to the last byte.
    pub timeout: Duration,
    /// How far it may reach.
    pub trust: Trust,
}

/// The guard. Build one and share it: it keeps connections for reuse, and clones share them.
///
/// The clients differ in what their resolver lets through. They must not be one, because a connection that was
/// opened to loopback for a test key could then be reused for a live one.
#[derive(Clone, Debug)]
pub struct Egress {
    live: Client,
    sandbox: Client,
    development: Option<Client>,
    operator: Client,
}

impl Egress {
    /// `development` lets calls ask for this machine; without it [`Trust::Development`] is no more than
    /// [`Trust::Sandbox`].
    ///
    /// # Errors
    /// [`EgressError::Tls`] where the machine has no certificate roots (the package `ca-certificates`).
    pub fn new(development: bool) -> Result<Self, EgressError> {
        let development = development.then(|| client(Trust::Development)).transpose()?;
        Ok(Self {
            live: client(Trust::Live)?,
            sandbox: client(Trust::Sandbox)?,
            development,
            operator: client(Trust::Operator)?,
        })
    }

    /// Sends `body` as it is, with `headers` as they are, and keeps the first KiB of the answer, unpacked.
    ///
    /// # Errors
    /// Whatever kept us from getting an answer; an answer of any status is `Ok`, whatever its headers say and wherever
    /// its body ends, if it does.
    pub async fn post(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        timeout: Duration,
        trust: Trust,
    ) -> Result<Reply, EgressError> {
        let (client, url) = self.aim(url, trust)?;
        let request = headers.into_iter().fold(client.post(url), |request, (name, value)| request.header(name, value));
        let deadline = Instant::now() + timeout;
        let mut response = answer(request.body(body), deadline).await?;
        let (mut reply, packing) = (Reply::begun(&response), packing(&response));
        // Whoever answered has received it; the time for the rest is up when the time for all is.
        let _ = timeout_at(deadline, reply.read(&mut response, room(packing, POST_BODY_LIMIT))).await;
        reply.unpack(packing, POST_BODY_LIMIT);
        Ok(reply)
    }

    /// Fetches `url` within `limits`. A longer body is not an error: see [`Reply::complete`].
    ///
    /// # Errors
    /// Whatever kept us from getting an answer; an answer of any status is `Ok`.
    pub async fn get(&self, url: &str, limits: Limits) -> Result<Reply, EgressError> {
        let (client, url) = self.aim(url, limits.trust)?;
        let deadline = Instant::now() + limits.timeout;
        let mut response = answer(client.get(url), deadline).await?;
        let (mut reply, packing) = (Reply::begun(&response), packing(&response));
        let read = timeout_at(deadline, reply.read(&mut response, room(packing, limits.bytes))).await;
        read.map_err(|_| EgressError::Timeout)?;
        reply.unpack(packing, limits.bytes);
        Ok(reply)
    }

    /// What the clock of whoever answers shows, to the second; `None` when the answer, of whatever status, does not say.
    ///
    /// # Errors
    /// Whatever kept us from getting an answer.
    pub async fn date(&self, url: &str, timeout: Duration, trust: Trust) -> Result<Option<Time>, EgressError> {
        let (client, url) = self.aim(url, trust)?;
        let response = answer(client.head(url), Instant::now() + timeout).await?;
        Ok(Reply::date(&response))
    }

    fn aim(&self, url: &str, trust: Trust) -> Result<(&Client, url::Url), EgressError> {
        let (client, trust) = match (trust, &self.development) {
            (Trust::Live, _) => (&self.live, Trust::Live),
            (Trust::Operator, _) => (&self.operator, Trust::Operator),
            (Trust::Development, Some(client)) => (client, Trust::Development),
            (Trust::Sandbox | Trust::Development, _) => (&self.sandbox, Trust::Sandbox),
        };
        Ok((client, check_url(url, trust)?))
    }
}

fn client(trust: Trust) -> Result<Client, EgressError> {
    // Somebody may have installed it before us, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = match trust {
        Trust::Operator => Client::builder().connect_timeout(OPERATOR_CONNECT),
        Trust::Live | Trust::Sandbox | Trust::Development => Client::builder(),
    };
    builder
        .user_agent(concat!("Mailwright/", env!("CARGO_PKG_VERSION")))
        .https_only(trust.https_only())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .dns_resolver(GuardedResolver::new(trust.reach()))
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        // Nobody's answer is lost because of a header that nobody needs.
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_max_headers(MAX_HEADERS)
        .build()
        .map_err(EgressError::from)
}

/// Everything up to the body.
async fn answer(request: RequestBuilder, deadline: Instant) -> Result<Response, EgressError> {
    Ok(timeout_at(deadline, request.send()).await.map_err(|_| EgressError::Timeout)??)
}
