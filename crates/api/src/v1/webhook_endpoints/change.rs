//! `PATCH /webhook_endpoints/{id}`

use crate::told;
use app::endpoints::ChangeEndpoint;
use model::id::EndpointId;
use model::view;

use super::body::{ChangedWebhookEndpoint, Reach};
use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
use crate::v1::id::PathId;

/// Change a webhook endpoint
///
/// Fields that are left out stay as they are. A disabled endpoint gets nothing: what comes due for it is kept as
/// failed, and can be sent again by `redeliver` and `replay` once it is enabled.
#[utoipa::path(patch, path = "/webhook_endpoints/{id}", operation_id = "change_webhook_endpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id.", example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body = ChangedWebhookEndpoint,
    responses(
        (status = 200, description = "The endpoint as it is now.", body = Data<view::WebhookEndpoint>),
        (status = 404, description = "`not_found`: no such endpoint.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<EndpointId>, call: Call<Full>) -> Answer {
    let environment = call.caller.environment;
    let reach = Reach { environment, loopback: call.app.lets_in_loopback(environment) };
    let wish = call.body.read(call.app.unknown(), |fields| ChangedWebhookEndpoint::read(fields, reach))?.wish();
    call.perform(ChangeEndpoint { id, wish }, |done| {
        told::ok(view::WebhookEndpoint::of(&done.value, done.now.partner()))
    })
    .await
}
