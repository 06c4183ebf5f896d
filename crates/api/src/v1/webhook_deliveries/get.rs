//! `GET /webhook_deliveries/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::DeliveryId;
use model::view;
use store::deliveries;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read a webhook delivery
#[utoipa::path(get, path = "/webhook_deliveries/{id}", operation_id = "get_webhook_delivery", tag = "Webhooks",
    params(("id" = String, Path, description = "The delivery's id.", example = "dlv_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The delivery with every attempt.", body = Data<view::WebhookDelivery>),
        (status = 404, description = "`not_found`: no such delivery.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<DeliveryId>) -> Answer {
    let found = deliveries::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let delivery = found.ok_or_else(|| not_found("webhook delivery", &id.0))?;
    Ok(answer::ok(view::WebhookDelivery::of(&delivery)))
}
