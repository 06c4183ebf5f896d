//! The envelope of everything that goes well.

use axum::Json;
use axum::http::HeaderName;
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

/// Said on it when it tells of an order: how the order stands now.
pub(crate) const ORDER_STATUS: HeaderName = HeaderName::from_static("idempotent-order-status");

/// 200 with a view.
pub(crate) fn ok(data: impl Serialize) -> Response {
    Json(Data { data }).into_response()
}
