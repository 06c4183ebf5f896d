//! What is answered to a request, without a socket.

use std::sync::Arc;

use http::request::Parts;
use http::uri::Authority;
use http::{Method, StatusCode, Version, header};

use super::rendered::Rendered;
use super::{Scheme, Sites, host};

/// What comes before a challenge's token (RFC 8555 §8.3).
const CHALLENGES: &str = "/.well-known/acme-challenge/";
/// The longest token that is looked up, in bytes; authorities make them of about forty.
const LONGEST_TOKEN: usize = 128;

/// What is answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// It leads on.
    Leads(Arc<Rendered>),
    /// An authority looks whether a name leads here.
    Challenge {
        /// The name.
        name: String,
        /// What it has called the challenge.
        token: String,
    },
    /// Nothing but a status.
    Status(StatusCode),
}

/// What is answered to a request that came for `sni`, the name of the handshake where there was one.
pub(super) fn answer(sites: &Sites, request: &Parts, sni: Option<&str>) -> Answer {
    let scheme = if sni.is_some() { Scheme::Https } else { Scheme::Http };
    let name = match named(request) {
        Ok(name) => name,
        Err(status) => return Answer::Status(status),
    };
    let found = name.as_deref().and_then(|name| sites.find(name));
    let Some((name, site)) = name.zip(found) else { return Answer::Status(unknown(scheme)) };
    // Who has shown who they are as one site does not speak for another (RFC 9110 §15.5.20).
    if sni.is_some_and(|sni| sites.find(sni).is_none_or(|shown| shown.host != site.host)) {
        return Answer::Status(StatusCode::MISDIRECTED_REQUEST);
    }
    match request.uri.path().strip_prefix(CHALLENGES) {
        Some(token) if is_token(token) => Answer::Challenge { name, token: token.to_owned() },
        _ => Answer::Leads(site),
    }
}

/// The name that a request is for: the one of its target where it has one, or else its `Host` (RFC 9112 §3.2). `None` where it is
/// none that could be a site.
fn named(request: &Parts) -> Result<Option<String>, StatusCode> {
    if request.method == Method::CONNECT {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let said = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(StatusCode::BAD_REQUEST),
        (None, _) if request.version >= Version::HTTP_11 => return Err(StatusCode::BAD_REQUEST),
        (said, None) => said.map(http::HeaderValue::as_bytes),
    };
    Ok(request.uri.authority().map(Authority::as_str).map(str::as_bytes).or(said).and_then(host::of))
}

/// What is answered where nobody is at home.
const fn unknown(scheme: Scheme) -> StatusCode {
    match scheme {
        Scheme::Http => StatusCode::NOT_FOUND,
        Scheme::Https => StatusCode::MISDIRECTED_REQUEST,
    }
}

/// Whether it may be a token: base64 as it stands in addresses (RFC 8555 §8.1).
fn is_token(text: &str) -> bool {
    (1..=LONGEST_TOKEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
