//! `GET /webhook_endpoints`

use std::sync::Arc;

use axum::extract::State;
use model::delivery::Endpoint;
use model::id::Id;
use model::view;
use store::endpoints;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging};
use crate::state::App;

/// List webhook endpoints
///
/// Endpoints belong to the key's environment; a reset of the sandbox keeps them.
#[utoipa::path(get, path = "/webhook_endpoints", operation_id = "list_webhook_endpoints", tag = "Webhooks",
    params(Paging),
    responses(
        (status = 200, description = "The endpoints, newest first, without their secrets.",
            body = List<view::WebhookEndpoint>),
        (status = 400, description = "`invalid_request`: the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, query: Listing) -> Answer {
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "webhook_endpoints")?;
    let rows = endpoints::list(&mut app.store.read().await?, &caller.scope, &asked.page).await?;
    let view = |endpoint: &Endpoint| view::WebhookEndpoint::of(endpoint, caller.now.partner());
    Ok(asked.answer(vault, rows, |endpoint| endpoint.id.as_str(), view))
}
