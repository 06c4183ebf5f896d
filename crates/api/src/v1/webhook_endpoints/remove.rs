//! `DELETE /webhook_endpoints/{id}`

use crate::told;
use app::endpoints::RemoveEndpoint;
use model::id::EndpointId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
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
pub(crate) async fn handler(PathId(id): PathId<EndpointId>, call: Call<Full>) -> Answer {
    call.body.nothing(call.app.unknown())?;
    let gone = id.to_string();
    call.perform(RemoveEndpoint { id }, move |_| {
        told::ok(DeletedWebhookEndpoint { id: gone.clone(), status: "deleted" })
    })
    .await
}
