//! The envelope of everything that goes well.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What a handler comes to.
pub(crate) type Answer = Result<Response, Problem>;

/// The envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct Data<T> {
    /// What was asked for.
    pub(crate) data: T,
}

/// Said on an answer that repeats an earlier one.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// 200 with a view.
pub(crate) fn ok(data: impl Serialize) -> Response {
    Json(Data { data }).into_response()
}

/// 201 with a view.
pub(crate) fn created(data: impl Serialize) -> Response {
    (StatusCode::CREATED, ok(data)).into_response()
}

/// 201 with what an equal request was answered before, marked as a repetition.
pub(crate) fn created_before(data: impl Serialize) -> Response {
    ([(REPLAYED, HeaderValue::from_static("true"))], created(data)).into_response()
}

/// 202 with a view: it is written, and will be done.
pub(crate) fn accepted(data: impl Serialize) -> Response {
    (StatusCode::ACCEPTED, ok(data)).into_response()
}

/// 200 with a body that is JSON text already.
pub(crate) fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// The same, marked as a repetition.
pub(crate) fn replayed(body: String) -> Response {
    ([(REPLAYED, HeaderValue::from_static("true"))], text(body)).into_response()
}
