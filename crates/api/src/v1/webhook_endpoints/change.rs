//! `PATCH /webhook_endpoints/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::delivery;
use model::id::EndpointId;
use model::view;
use store::endpoints;

use super::body::{ChangedWebhookEndpoint, Reach};
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
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
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<EndpointId>,
    body: Payload,
) -> Answer {
    let reach = Reach { environment: caller.environment, loopback: app.lets_in_loopback(caller.environment) };
    let wish = body.read(app.unknown(), |fields| ChangedWebhookEndpoint::read(fields, reach))?.wish();
    let (ids, now) = (app.ids.clone(), caller.now);
    let changed = app.store.write(move |tx| {
        let (scope, id, wish, ids) = (caller.scope.clone(), id.clone(), wish.clone(), ids.clone());
        Box::pin(async move {
            let found = endpoints::lock(tx, &scope, &id).await?;
            let endpoint = found.ok_or_else(|| missing("webhook endpoint", &id))?;
            let decided = delivery::change(&endpoint, wish);
            tx.apply(decided.change, &ids, now.server).await?;
            Ok(decided.endpoint)
        })
    });
    Ok(answer::ok(view::WebhookEndpoint::of(&changed.await?, now.partner())))
}
