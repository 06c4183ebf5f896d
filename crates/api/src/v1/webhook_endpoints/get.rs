//! `GET /webhook_endpoints/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::EndpointId;
use model::view;
use store::endpoints;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read a webhook endpoint
#[utoipa::path(get, path = "/webhook_endpoints/{id}", operation_id = "get_webhook_endpoint", tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id.", example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The endpoint, without its secret.", body = Data<view::WebhookEndpoint>),
        (status = 404, description = "`not_found`: no such endpoint.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<EndpointId>) -> Answer {
    let found = endpoints::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let endpoint = found.ok_or_else(|| not_found("webhook endpoint", &id.0))?;
    Ok(answer::ok(view::WebhookEndpoint::of(&endpoint, caller.now.partner())))
}
