//! Everything that goes wrong, in the one envelope for it.

use std::any::Any;

use app::catalog::NotConfigured;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::refusal::{Code, Fault, Refusal};
use model::shown::short;
use serde_json::Value;
use store::{Failure, Halt, StoreError};

/// Why a request is not answered as it wished.
#[derive(Debug)]
pub(crate) enum Problem {
    /// We say no, and why.
    Refused(Box<Refusal>),
    /// We cannot; the reason is for the log only.
    Broken(StoreError),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Refusal::from(fault).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Fault::busy().into(),
            other => Self::Broken(other),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            // Only workers hold leases.
            Failure::Lost => Self::Broken(StoreError::Closed),
            Failure::Broken(error) => error.into(),
        }
    }
}

impl From<Halt> for Problem {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Refused(refusal) => Self::Refused(refusal),
            Halt::Broken(error) => error.into(),
            // Outside a write nobody begins again.
            Halt::Clash | Halt::Lost => Self::Broken(StoreError::Contention),
        }
    }
}

impl From<NotConfigured> for Problem {
    fn from(nobody: NotConfigured) -> Self {
        Failure::from(nobody).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refused(&refusal),
            Self::Broken(error) if error.is_of_the_connection() => {
                tracing::warn!(%error, "the database cannot be heard");
                refused(&Fault::unanswered().into())
            }
            Self::Broken(error) if error.is_busy() => {
                tracing::warn!(%error, "the store is busy");
                refused(&Fault::busy().into())
            }
            Self::Broken(error) if error.is_full() => {
                tracing::error!(%error, "nothing can be written");
                refused(&Fault::busy().into())
            }
            Self::Broken(error) => {
                tracing::error!(%error, "the store failed");
                internal()
            }
        }
    }
}

/// Answers a panic.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    internal()
}

fn refused(refusal: &Refusal) -> Response {
    let code = refusal.first().code;
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(refusal.body())).into_response();
    if code == Code::Unauthorized {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = refusal.first().details.get("retry_after_seconds").and_then(Value::as_u64) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The refusal of a body that has more than [`body::LIMIT`](crate::body::LIMIT).
pub(crate) fn too_large() -> Fault {
    Fault::new(Code::PayloadTooLarge, "The body is over 1 MiB. Send less in one call.")
}

fn internal() -> Response {
    let message = "Something failed on our side. Send the same request again: an order, and any call with an Idempotency-Key, that was accepted is answered again and not done twice. Quote the request id if it stays.";
    refused(&Fault::new(Code::Internal, message).into())
}

/// Puts into the envelope what the framework refuses by itself: unknown paths, wrong methods.
pub(crate) async fn envelop(request: Request, next: Next) -> Response {
    let method = short(request.method().as_str()).into_owned();
    let path = short(request.uri().path()).into_owned();
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_told(response.headers()) {
        return response;
    }
    let fault = match status {
        StatusCode::NOT_FOUND => Fault::new(Code::NotFound, format!("There is no path {path}. See /docs.")),
        StatusCode::METHOD_NOT_ALLOWED => {
            let message = format!("{path} does not take {method}. The Allow header lists what it takes.");
            Fault::new(Code::MethodNotAllowed, message)
        }
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ if status.is_client_error() => Fault::new(Code::InvalidRequest, "The request cannot be read. See /docs."),
        _ => return internal(),
    };
    let mut enveloped = refused(&fault.into());
    if let Some(allow) = response.headers().get(header::ALLOW) {
        enveloped.headers_mut().insert(header::ALLOW, allow.clone());
    }
    enveloped
}

/// Whether an error is one of ours: in the envelope, or a page for a person.
fn is_told(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    kind.starts_with(b"application/json") || kind.starts_with(b"text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_for_want_of_room_is_to_be_sent_again() {
        for error in [StoreError::Busy, StoreError::Contention, StoreError::Full] {
            let response = Problem::Broken(error).into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        }
        assert_eq!(Problem::Broken(StoreError::Closed).into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
