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

use crate::app::App;
use crate::problem::Problem;

/// How the process is.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerHealth)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
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

fn well(feed_waits_for: Option<FeedWaitsFor>) -> Response {
    Json(Health { status: "ok", feed_waits_for }).into_response()
}

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
    well(None)
}

/// Can the process do its work?
///
/// It can when its database answers. A process that is about to stop says no while it still serves, so that others
/// take over. What only holds the event feed up is said, and is no reason to send requests elsewhere.
#[utoipa::path(get, path = "/readyz", operation_id = "check_readiness", tag = "Health", security(()),
    responses(
        (status = 200, description = "It can.", body = Health),
        (status = 503, description = "`busy`: the process is about to stop. `internal`: the database does not answer.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.leaving.is_cancelled() {
        let fault = Fault::new(Code::Busy, "This process is about to stop. Ask another one.");
        return Problem::from(fault.with("retry_after_seconds", 1)).into_response();
    }
    let waits = match app.store.ping().await {
        Ok(()) => feed_waits_for(&app).await,
        Err(error) => Err(error),
    };
    match waits {
        Ok(waits) => well(waits),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            let refusal = Refusal::from(Fault::new(Code::Internal, "The database does not answer. Try again later."));
            (StatusCode::SERVICE_UNAVAILABLE, Json(refusal.body())).into_response()
        }
    }
}
