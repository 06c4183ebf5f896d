//! How a call is recognised when it is sent again, and what it is answered then.

use app::Reply;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::idempotency::{Handle, body_key};
use model::refusal::{Fault, Refusal};
use store::Vault;

use crate::answer::{ORDER_STATUS, REPLAYED};
use crate::body::Payload;

/// The header that a call is recognised by.
pub(crate) const HEADER: &str = "Idempotency-Key";

/// What a call is recognised by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Nothing: it may be sent again as often as one likes.
    Nothing,
    /// Its key, when it has one.
    Key,
    /// Its key when it has one, otherwise its body.
    KeyOrBody,
}

/// The key of a request.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<Vec<u8>>, Refusal> {
    let mut values = headers.get_all(HEADER).iter().map(HeaderValue::as_bytes);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(key), None) if (1..=255).contains(&key.len()) => Ok(Some(key.to_vec())),
        _ => {
            let message = "Send one Idempotency-Key of 1 to 255 characters.";
            Err(Fault::invalid(HEADER, message).into())
        }
    }
}

/// How a call (`POST /bundles`) with a key and a body is remembered. Everything is a keyed hash: bodies hold
/// passwords. A key stands for one call: the same key at another one has another fingerprint.
pub(crate) fn handle(vault: &Vault, by: By, key: Option<&[u8]>, call: &str, body: &Payload) -> Option<Handle> {
    if by == By::Nothing || (by == By::Key && key.is_none()) {
        return None;
    }
    let key = key.map(|key| format!("key:{}", vault.keyed_hash("idempotency key", key)));
    let (meaning, as_sent) = (body.meaning(), body.as_sent());
    let differs = meaning != as_sent;
    if by == By::KeyOrBody {
        let fingerprint = |text: &str| vault.keyed_hash("order body", text.as_bytes());
        let (fingerprint, earlier) = (fingerprint(&meaning), differs.then(|| fingerprint(&as_sent)));
        let by_body = body_key(&fingerprint);
        let (key, also) = key.map_or_else(|| (by_body.clone(), None), |key| (key, Some(by_body.clone())));
        return Some(Handle { key, also, fingerprint, earlier });
    }
    let fingerprint = |text: &str| vault.keyed_hash("call", format!("{call}\n{text}").as_bytes());
    let (fingerprint, earlier) = (fingerprint(&meaning), differs.then(|| fingerprint(&as_sent)));
    key.map(|key| Handle { key, also: None, fingerprint, earlier })
}

/// The response that says it.
pub(crate) fn respond(reply: Reply) -> Response {
    let json = HeaderValue::from_static("application/json");
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(header::CONTENT_TYPE, json)], reply.body).into_response();
    if reply.again {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    if let Some(status) = reply.order {
        response.headers_mut().insert(ORDER_STATUS, HeaderValue::from_static(status.as_str()));
    }
    response
}
