//! How a call is recognised when it is sent again, and what it is answered then.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::clock::Now;
use model::id::{Id as _, OrderId};
use model::idempotency::{Handle, Remembered, Said, body_key};
use model::order::OrderStatus;
use model::refusal::{Code, Fault, Refusal};
use model::secret::Secret;
use model::world::Scope;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use store::{Db, Halt, StoreError, Vault, idempotency, orders};

use crate::answer::{ORDER_STATUS, REPLAYED};
use crate::body::Payload;
use crate::present::Answered;

/// The header that a call is recognised by.
pub(crate) const HEADER: &str = "Idempotency-Key";

/// What is said of an answer that is not complete yet. Nobody is sent it.
pub(crate) const BEGUN: StatusCode = StatusCode::PROCESSING;

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
    let key = key.map(|key| format!("key:{}", vault.keyed_hash("idempotency key", key)));
    if by == By::KeyOrBody {
        let fingerprint = vault.keyed_hash("order body", body.canonical().as_bytes());
        let by_body = body_key(&fingerprint);
        let (key, also) = key.map_or_else(|| (by_body.clone(), None), |key| (key, Some(by_body.clone())));
        return Some(Handle { key, also, fingerprint });
    }
    let fingerprint = || vault.keyed_hash("call", format!("{call}\n{}", body.canonical()).as_bytes());
    key.filter(|_| by == By::Key).map(|key| Handle { key, also: None, fingerprint: fingerprint() })
}

/// What a call is answered.
pub(crate) struct Reply {
    /// The HTTP status; [`BEGUN`] when the answer is still to be completed.
    pub(crate) status: StatusCode,
    /// The body, JSON text.
    pub(crate) body: String,
    /// Whether the call changed nothing, because an equal one was accepted before.
    pub(crate) replayed: bool,
    /// Whether an equal call was answered before.
    again: bool,
    /// How the order stands now that the body tells of, on a repeat.
    order: Option<OrderStatus>,
}

impl Reply {
    /// One that is not a repeat.
    pub(crate) const fn new(status: StatusCode, body: String) -> Self {
        Self { status, body, replayed: false, again: false, order: None }
    }

    /// The same, marked as a repeat or not.
    pub(crate) fn marked(self, replayed: bool) -> Self {
        Self { replayed, again: replayed, ..self }
    }
}

impl From<Answered> for Reply {
    fn from(answered: Answered) -> Self {
        let body = match answered.said {
            Said::Open(text) | Said::Sealed(Secret::Sealed(text)) => text,
            Said::Sealed(Secret::Plain(text)) => text.expose_secret().to_owned(),
        };
        Self { again: answered.again, ..Self::new(answered.status, body) }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        let mut response = (self.status, [(header::CONTENT_TYPE, json)], self.body).into_response();
        if self.again {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if let Some(status) = self.order {
            response.headers_mut().insert(ORDER_STATUS, HeaderValue::from_static(status.as_str()));
        }
        response
    }
}

/// The answer to the call that this one repeats.
///
/// # Errors
/// `idempotency_conflict` when the key came with something else.
pub(crate) async fn find(db: &mut Db, scope: &Scope, handle: &Handle, now: Now) -> Result<Option<Reply>, Halt> {
    match idempotency::peek(db, scope, &handle.key, now.partner()).await? {
        Some(kept) => told(db, scope, handle, &kept).await.map(Some),
        None => Ok(None),
    }
}

/// What was remembered, told to the call that is recognised by `handle`.
///
/// # Errors
/// `idempotency_conflict` when it is another call.
pub(crate) async fn told(db: &mut Db, scope: &Scope, handle: &Handle, kept: &Remembered) -> Result<Reply, Halt> {
    if kept.fingerprint != handle.fingerprint {
        let message = "This Idempotency-Key came with another call or body before. Send that again, or a new key.";
        return Err(Refusal::from(Fault::new(Code::IdempotencyConflict, message).at(HEADER)).into());
    }
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let body = idempotency::answer(db, kept)?.into_owned();
    let order = order_now(db, scope, &body).await?;
    Ok(Reply { order, ..Reply::new(status, body).marked(true) })
}

/// How the order stands that an answer tells of.
async fn order_now(db: &mut Db, scope: &Scope, body: &str) -> Result<Option<OrderStatus>, StoreError> {
    match id_in(body) {
        Some(id) if id.starts_with("ord_") => {
            let order = orders::get(db, scope, &OrderId::opaque(id)).await?;
            Ok(order.map(|order| order.status))
        }
        _ => Ok(None),
    }
}

/// The id of what an answer shows.
pub(crate) fn id_in(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Shown {
        data: Identified,
    }
    #[derive(Deserialize)]
    struct Identified {
        id: Option<String>,
    }
    serde_json::from_str::<Shown>(body).ok().and_then(|shown| shown.data.id)
}
