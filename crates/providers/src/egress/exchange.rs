//! An exchange with one of the operator's own addresses, in which headers and the whole answer matter.

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};

use super::packing::room;
use super::reply::{Reply, packing};
use super::{Egress, EgressError, Limits, UrlFault};

/// What is sent. Its headers are secret: they are not shown, here or by the client underneath.
pub struct Outgoing<'a> {
    /// The HTTP method.
    pub method: reqwest::Method,
    /// Where to. It may hold a secret.
    pub url: &'a str,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body; `None` sends none.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Status and body.
    pub reply: Reply,
    /// The headers that are text, in their order; names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Egress {
    /// Sends a request, and takes as much of its answer as came within `limits`: where the body breaks off, is longer, or
    /// is not whole in time, [`Reply::complete`] is false.
    ///
    /// # Errors
    /// Whatever kept us from getting the beginning of an answer; an answer of any status is `Ok`.
    pub async fn exchange(&self, outgoing: Outgoing<'_>, limits: Limits) -> Result<Incoming, EgressError> {
        let (client, url) = self.aim(outgoing.url, limits.trust)?;
        let mut request = client.request(outgoing.method, url).headers(headers(outgoing.headers)?);
        if let Some(body) = outgoing.body {
            request = request.body(body);
        }
        let deadline = Instant::now() + limits.timeout;
        let sent = timeout_at(deadline, request.send()).await.map_err(|_| EgressError::Timeout)?;
        let mut response = sent.map_err(fault)?;
        let mut incoming = Incoming { reply: Reply::begun(&response), headers: texts(response.headers()) };
        let packing = packing(&response);
        let _ = timeout_at(deadline, incoming.reply.read(&mut response, room(packing, limits.bytes))).await;
        incoming.reply.unpack(packing, limits.bytes);
        Ok(incoming)
    }
}

/// Why there was no answer. What is said of a connection that stood says nothing about whether the request was received:
/// whoever buys something has to know the difference.
fn fault(error: reqwest::Error) -> EgressError {
    let was_before = error.is_connect() || error.is_builder();
    match EgressError::from(error) {
        EgressError::Timeout => EgressError::Timeout,
        fault if was_before => fault,
        _ => EgressError::Other,
    }
}

/// As many headers, marked as secret. What cannot stand in a header is a fault of the address's configuration.
fn headers(given: Vec<(String, String)>) -> Result<HeaderMap, EgressError> {
    let bad = || EgressError::BadUrl(UrlFault::Malformed);
    let mut map = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let mut value = HeaderValue::from_str(&value).map_err(|_| bad())?;
        value.set_sensitive(true);
        map.append(HeaderName::try_from(name).map_err(|_| bad())?, value);
    }
    Ok(map)
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
    headers.iter().filter_map(text).collect()
}
