//! One id for each request: in both headers of its answer and in every log line.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use model::id::{Id, RequestId};
use tracing::{Instrument, field};

use crate::app::App;

/// The published header.
pub(crate) const PEEKER_REQUEST_ID: HeaderName = HeaderName::from_static("peeker-request-id");
/// The same value under the usual name.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id, its span and its last log line. Query strings are not logged: they can
/// hold e-mail addresses.
pub(crate) async fn tag(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id: RequestId = app.ids.next();
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        method = %request.method(),
        path = request.uri().path(),
        partner = field::Empty,
        key = field::Empty,
    );
    let mut response = answer(&app, request, next).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(PEEKER_REQUEST_ID, value.clone());
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

async fn answer(app: &App, request: Request, next: Next) -> Response {
    let began = app.clock.now();
    let response = next.run(request).await;
    let millis = app.clock.now().millis() - began.millis();
    tracing::info!(status = response.status().as_u16(), millis, "answered");
    response
}
