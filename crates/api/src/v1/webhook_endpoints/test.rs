//! `POST /webhook_endpoints/{id}/test`

use crate::told;
use app::endpoints::TestEndpoint;
use model::id::EndpointId;
use model::view;

use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;
use crate::v1::id::PathId;

/// Test a webhook endpoint
///
/// Tells a `webhook.test` event to this endpoint and to no other, whatever its filter; `data` is the endpoint. It is
/// signed and tried again like any event, and `GET /events` shows it too.
#[utoipa::path(post, path = "/webhook_endpoints/{id}/test", operation_id = "test_webhook_endpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id.", example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 202, description = "The delivery that is on its way.", body = Data<view::WebhookDelivery>),
        (status = 404, description = "`not_found`: no such endpoint.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict` with the reason `endpoint_disabled`.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<EndpointId>, Once(call): Once<Full>) -> Answer {
    call.body.nothing(call.app.unknown())?;
    call.perform(TestEndpoint { id }, |done| told::accepted(view::WebhookDelivery::of(&done.value))).await
}
