//! What a load balancer asks. No key is needed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::refusal::{Code, Fault, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::readiness::Warning;

/// How the process is.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerHealth)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process can do its work.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerReadiness)]
pub(crate) struct Ready {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// What the operator should look at, although the process can do its work.
    warnings: Vec<Warning>,
}

/// Is the process up?
#[utoipa::path(get, path = "/healthz", operation_id = "check_health", tag = "Health", security(()),
    responses((status = 200, description = "It is up.", body = Health)))]
pub(crate) async fn alive() -> Response {
    Json(Health { status: "ok" }).into_response()
}

/// Can the process do its work?
///
/// It can when something can be written into its database; that is tried once a second at most, whoever asks.
#[utoipa::path(get, path = "/readyz", operation_id = "check_readiness", tag = "Health", security(()),
    responses(
        (status = 200, description = "It can.", body = Ready),
        (status = 503, description = "`internal`: nothing can be written. `details.reason` is `disk_full`, `no_answer` \
            or `unwritable`.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.readiness.look(&app).await {
        Ok(()) => Json(Ready { status: "ok", warnings: app.readiness.warnings() }).into_response(),
        Err(trouble) => {
            let message = format!("{} Try again later.", trouble.message());
            let fault = Fault::new(Code::Internal, message).with("reason", trouble.as_str());
            (StatusCode::SERVICE_UNAVAILABLE, Json(Refusal::from(fault).body())).into_response()
        }
    }
}
