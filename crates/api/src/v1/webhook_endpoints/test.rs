//! `POST /webhook_endpoints/{id}/test`

use std::sync::Arc;

use axum::extract::State;
use model::delivery;
use model::id::EndpointId;
use model::view;
use store::endpoints;

use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
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
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<EndpointId>,
    body: Payload,
) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, now) = (app.ids.clone(), caller.now);
    let told = app.store.write(move |tx| {
        let (scope, id, ids) = (caller.scope.clone(), id.clone(), ids.clone());
        Box::pin(async move {
            let found = endpoints::lock(tx, &scope, &id).await?;
            let endpoint = found.ok_or_else(|| missing("webhook endpoint", &id))?;
            let (_, delivery, change) = delivery::test(&endpoint, &scope, now, &ids)?;
            tx.apply(change, &ids, now.server).await?;
            Ok(delivery)
        })
    });
    let told = told.await?;
    app.wake.nudge();
    Ok(answer::accepted(view::WebhookDelivery::of(&told)))
}
