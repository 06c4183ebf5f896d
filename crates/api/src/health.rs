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
use crate::problem::Problem;

/// How the process is.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerHealth)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

fn well() -> Response {
    Json(Health { status: "ok" }).into_response()
}

/// Is the process up?
#[utoipa::path(get, path = "/healthz", operation_id = "check_health", tag = "Health", security(()),
    responses((status = 200, description = "It is up.", body = Health)))]
pub(crate) async fn alive() -> Response {
    well()
}

/// Can the process do its work?
///
/// It can when its database answers. A process that is about to stop says no while it still serves, so that others
/// take over.
#[utoipa::path(get, path = "/readyz", operation_id = "check_readiness", tag = "Health", security(()),
    responses(
        (status = 200, description = "It can.", body = Health),
        (status = 503, description = "`busy`: the process is about to stop. `internal`: the database does not answer.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.leaving.is_cancelled() {
        let fault = Fault::new(Code::Busy, "This process is about to stop. Ask another one.");
        return Problem::from(fault.with("retry_after_seconds", 1)).into_response();
    }
    match app.store.ping().await {
        Ok(()) => well(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            let refusal = Refusal::from(Fault::new(Code::Internal, "The database does not answer. Try again later."));
            (StatusCode::SERVICE_UNAVAILABLE, Json(refusal.body())).into_response()
        }
    }
}
