//! What a load balancer asks. No key is needed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::clock::{SECOND, Time};
use model::refusal::{Code, Fault, Refusal};
use serde::Serialize;
use store::StoreError;
use store::feed::{self, FeedWait};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::readiness::Warning;
use crate::state::App;

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
    /// Only while the event feed waits for a transaction of ours: events that are told now are shown when it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_waits_for: Option<FeedWaitsFor>,
}

/// Whom the event feed waits for.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedWaitsFor {
    /// The number that PostgreSQL knows its connection by.
    #[schema(example = 4711)]
    pid: i64,
    /// What the connection calls itself.
    #[schema(example = "mailwright")]
    application: String,
    /// The database that it is connected to.
    #[schema(example = "mailwright")]
    database: String,
    /// Since when its transaction has been open.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
}

/// How long a transaction may be open before that is worth a word, in microseconds.
const NOTABLE: i64 = 2 * SECOND;

async fn feed_waits_for(app: &App) -> Result<Option<FeedWaitsFor>, StoreError> {
    let wait = feed::waits(&mut app.store.read().await?, NOTABLE).await?;
    let now = app.clock.now();
    Ok(wait.map(|FeedWait { pid, application, database, micros }| FeedWaitsFor {
        pid,
        application,
        database,
        since: now.plus(-micros),
    }))
}

/// Is the process up?
#[utoipa::path(get, path = "/healthz", operation_id = "check_health", tag = "Health", security(()),
    responses((status = 200, description = "It is up.", body = Health)))]
pub(crate) async fn alive() -> Response {
    Json(Health { status: "ok" }).into_response()
}

/// Can the process do its work?
///
/// It can when something can be written into its database; that is tried once a second at most, whoever asks. A
/// process that is about to stop says no while it still serves, so that others take over. What only holds the event
/// feed up is said, and is no reason to send requests elsewhere.
#[utoipa::path(get, path = "/readyz", operation_id = "check_readiness", tag = "Health", security(()),
    responses(
        (status = 200, description = "It can.", body = Ready),
        (status = 503, description = "`busy`: the process is about to stop. `internal`: nothing can be written; \
            `details.reason` is `disk_full`, `no_answer` or `unwritable`.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.leaving.is_cancelled() {
        let fault = Fault::new(Code::Busy, "This process is about to stop. Ask another one.");
        return Problem::from(fault.with("retry_after_seconds", 1)).into_response();
    }
    match app.readiness.look(&app).await {
        Ok(()) => {
            let feed_waits_for = feed_waits_for(&app).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "nobody knows whether the event feed waits");
                None
            });
            Json(Ready { status: "ok", warnings: app.readiness.warnings(), feed_waits_for }).into_response()
        }
        Err(trouble) => {
            let message = format!("{} Try again later.", trouble.message());
            let fault = Fault::new(Code::Internal, message).with("reason", trouble.as_str());
            (StatusCode::SERVICE_UNAVAILABLE, Json(Refusal::from(fault).body())).into_response()
        }
    }
}
