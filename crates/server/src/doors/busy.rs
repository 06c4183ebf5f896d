//! What is said to those for whom there is no place.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::id::{Id as _, RequestId};
use model::refusal::{Code, Fault, Refusal};

/// After how many seconds there may be a place again.
const RETRY_SECONDS: u64 = 5;

/// The answer to a request; nothing of it was read.
pub(super) fn answer(id: &RequestId) -> Response {
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, Json(refusal().body())).into_response();
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert("peeker-request-id", id.clone());
        headers.insert("x-request-id", id);
    }
    response
}

/// The same for a connection whose request nobody will read.
pub(super) fn bytes(id: &RequestId) -> Vec<u8> {
    let body = refusal().body().to_string();
    let (id, length) = (id.as_str(), body.len());
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: {RETRY_SECONDS}\r\n\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\npeeker-request-id: {id}\r\nx-request-id: {id}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn refusal() -> Refusal {
    let message = format!(
        "Too many connections are open. Nothing was read or written. Close some that you do not need, and send the request again after {RETRY_SECONDS} s."
    );
    Fault::new(Code::Busy, message).with("retry_after_seconds", RETRY_SECONDS).into()
}
