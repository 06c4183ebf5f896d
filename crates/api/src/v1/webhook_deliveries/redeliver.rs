//! `POST /webhook_deliveries/{id}/redeliver`

use crate::told;
use app::deliveries::Redeliver;
use model::id::DeliveryId;
use model::view;

use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;
use crate::v1::id::PathId;

/// Send a webhook delivery again
///
/// One attempt more, now, with the same event id and body and a signature of this moment. It is not followed by
/// others: what comes of it decides whether the delivery is `delivered` or `failed`.
#[utoipa::path(post, path = "/webhook_deliveries/{id}/redeliver", operation_id = "redeliver_webhook", tag = "Webhooks",
    params(("id" = String, Path, description = "The delivery's id.", example = "dlv_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 202, description = "The delivery, on its way again.", body = Data<view::WebhookDelivery>),
        (status = 404, description = "`not_found`: no such delivery.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict` with the reason `pending`, `endpoint_disabled`, `endpoint_deleted` \
            or `too_many_attempts` (50).", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<DeliveryId>, Once(call): Once<Full>) -> Answer {
    call.body.nothing(call.app.unknown())?;
    call.perform(Redeliver { id }, |done| told::accepted(view::WebhookDelivery::of(&done.value))).await
}
