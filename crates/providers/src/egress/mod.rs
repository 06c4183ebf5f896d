//! The one way out to an address that a customer chose: webhooks, pictures, forwarding targets.
//!
//! A server that fetches what strangers name can be turned against its own network. So every address is checked where
//! it cannot change any more: a literal one in the URL, a resolved one in the resolver of the very client that then
//! connects to it. Redirects, proxies and retries are off: each would reach something that nobody checked or asked for.

mod address;
mod fault;
mod reply;
mod resolver;
mod target;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::{Client, RequestBuilder};

use self::address::Reach;
use self::resolver::GuardedResolver;

pub use self::address::is_public;
pub use self::fault::EgressError;
pub use self::reply::Reply;
pub use self::target::{UrlFault, check_url};

/// How much of the answer to a POST is kept, in bytes: enough to tell a developer what their endpoint said.
const POST_BODY_LIMIT: usize = 1024;
/// How long an unused connection is kept: less than the 5 seconds after which common servers hang up, so that a request
/// does not cross with their goodbye, and short because the name behind it may move.
const IDLE: Duration = Duration::from_secs(4);
/// As many unused connections per host as there are deliveries in flight to one endpoint.
const IDLE_PER_HOST: usize = 8;

/// How far a GET may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most that is read of the body, in bytes.
    pub bytes: usize,
    /// The end of the whole exchange, from the look-up of the name to the last byte.
    pub timeout: Duration,
    /// Whether loopback and plain http will do; without effect on a guard that was built without them.
    pub loopback: bool,
}

/// The guard. Build one and share it: it keeps connections for reuse, and clones share them.
///
/// The two clients differ in what their resolver lets through. They must not be one, because a connection that was
/// opened to loopback for a test key could then be reused for a live one.
#[derive(Clone, Debug)]
pub struct Egress {
    public: Client,
    loopback: Option<Client>,
}

impl Egress {
    /// `allow_loopback` is for development servers: calls may then ask for loopback and plain http, one by one.
    ///
    /// # Errors
    /// [`EgressError::Tls`] where the machine has no certificate roots (the package `ca-certificates`).
    pub fn new(allow_loopback: bool) -> Result<Self, EgressError> {
        let loopback = allow_loopback.then(|| client(Reach::PublicAndLoopback));
        Ok(Self { public: client(Reach::Public)?, loopback: loopback.transpose()? })
    }

    /// Sends `body` as it is, with `headers` as they are, and keeps the first KiB of the answer.
    ///
    /// # Errors
    /// Whatever kept us from getting an answer; an answer of any status is `Ok`.
    pub async fn post(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        timeout: Duration,
        loopback: bool,
    ) -> Result<Reply, EgressError> {
        let (client, url) = self.aim(url, loopback)?;
        let request = headers.into_iter().fold(client.post(url), |request, (name, value)| request.header(name, value));
        exchange(request.body(body), POST_BODY_LIMIT, timeout).await
    }

    /// Fetches `url` within `limits`. A longer body is not an error: see [`Reply::complete`].
    ///
    /// # Errors
    /// Whatever kept us from getting an answer; an answer of any status is `Ok`.
    pub async fn get(&self, url: &str, limits: Limits) -> Result<Reply, EgressError> {
        let (client, url) = self.aim(url, limits.loopback)?;
        exchange(client.get(url), limits.bytes, limits.timeout).await
    }

    fn aim(&self, url: &str, loopback: bool) -> Result<(&Client, url::Url), EgressError> {
        let local = self.loopback.as_ref().filter(|_| loopback);
        let url = check_url(url, local.is_some())?;
        Ok((local.unwrap_or(&self.public), url))
    }
}

fn client(reach: Reach) -> Result<Client, EgressError> {
    // Somebody may have installed it before us, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("Mailwright/", env!("CARGO_PKG_VERSION")))
        .https_only(reach == Reach::Public)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .dns_resolver(GuardedResolver::new(reach))
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .build()
        .map_err(EgressError::from)
}

async fn exchange(request: RequestBuilder, limit: usize, timeout: Duration) -> Result<Reply, EgressError> {
    let whole = async {
        let response = request.send().await?;
        Ok(Reply::read(response, limit).await)
    };
    tokio::time::timeout(timeout, whole).await.unwrap_or(Err(EgressError::Timeout))
}
