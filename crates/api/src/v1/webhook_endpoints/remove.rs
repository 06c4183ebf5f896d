//! `DELETE /webhook_endpoints/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::delivery;
use model::id::EndpointId;
use serde::Serialize;
use store::endpoints;
use utoipa::ToSchema;

use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
use crate::v1::id::PathId;

/// An endpoint that is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletedWebhookEndpoint {
    /// The id it had.
    #[schema(example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    id: String,
    /// Always `deleted`.
    #[schema(example = "deleted")]
    status: &'static str,
}

/// Delete a webhook endpoint
///
/// Nothing more is sent to it. Its deliveries can still be read; those that were on their way are kept as failed
/// when they come due.
#[utoipa::path(delete, path = "/webhook_endpoints/{id}", operation_id = "delete_webhook_endpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id.", example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "It is gone.", body = Data<DeletedWebhookEndpoint>),
        (status = 404, description = "`not_found`: no such endpoint.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<EndpointId>,
    body: Payload,
) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, now, scope) = (app.ids.clone(), caller.now, caller.scope);
    let gone = id.to_string();
    let removed = app.store.write(move |tx| {
        let (scope, id, ids) = (scope.clone(), id.clone(), ids.clone());
        Box::pin(async move {
            let found = endpoints::lock(tx, &scope, &id).await?;
            let endpoint = found.ok_or_else(|| missing("webhook endpoint", &id))?;
            tx.apply(delivery::remove(&endpoint), &ids, now.server).await
        })
    });
    removed.await?;
    Ok(answer::ok(DeletedWebhookEndpoint { id: gone, status: "deleted" }))
}
