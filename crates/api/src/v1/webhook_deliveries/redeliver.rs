//! `POST /webhook_deliveries/{id}/redeliver`

use std::sync::Arc;

use axum::extract::State;
use model::delivery;
use model::id::DeliveryId;
use model::view;
use store::{deliveries, endpoints};

use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
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
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<DeliveryId>,
    body: Payload,
) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, now) = (app.ids.clone(), caller.now);
    let again = app.store.write(move |tx| {
        let (scope, id, ids) = (caller.scope.clone(), id.clone(), ids.clone());
        Box::pin(async move {
            let found = deliveries::lock(tx, &scope, &id).await?;
            let delivery = found.ok_or_else(|| missing("webhook delivery", &id))?;
            let endpoint = endpoints::get(tx, &scope, &delivery.endpoint).await?;
            let (again, change) = delivery::redeliver(&delivery, endpoint.as_ref(), now, &ids)?;
            tx.apply(change, &ids, now.server).await?;
            Ok(again)
        })
    });
    let again = again.await?;
    app.wake.nudge();
    Ok(answer::accepted(view::WebhookDelivery::of(&again)))
}
