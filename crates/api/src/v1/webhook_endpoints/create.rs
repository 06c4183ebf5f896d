//! `POST /webhook_endpoints`

use std::sync::Arc;

use axum::extract::State;
use model::delivery::{self, NewEndpoint};
use model::secret::Secret;
use model::view;
use secrecy::ExposeSecret as _;
use store::endpoints;

use super::body::{NewWebhookEndpoint, Reach};
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};

/// Create a webhook endpoint
///
/// From now on it is told of every event that it wants. The secret is in this answer and in no later one. A
/// partner may have 16 endpoints in each environment.
#[utoipa::path(post, path = "/webhook_endpoints", operation_id = "create_webhook_endpoint", tag = "Webhooks",
    request_body = NewWebhookEndpoint,
    responses(
        (status = 201, description = "The new endpoint, with its secret.", body = Data<view::WebhookEndpoint>),
        (status = 409, description = "`conflict` with the reason `too_many_endpoints`: there are 16 already.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Full>, State(app): State<Arc<App>>, body: Payload) -> Answer {
    let reach = Reach { environment: caller.environment, loopback: app.lets_in_loopback(caller.environment) };
    let new = body.read(app.unknown(), |fields| NewWebhookEndpoint::read(fields, reach))?;
    let secret = delivery::new_secret(app.ids.random());
    let wanted = NewEndpoint { url: new.url, events: new.events, secret: Secret::Plain(secret.clone()) };
    let (ids, now) = (app.ids.clone(), caller.now);
    let made = app.store.write(move |tx| {
        let (scope, wanted, ids) = (caller.scope.clone(), wanted.clone(), ids.clone());
        Box::pin(async move {
            let existing = endpoints::lock_count(tx, &scope).await?;
            let decided = delivery::create(&scope, existing, wanted, now, &ids)?;
            tx.apply(decided.change, &ids, now.server).await?;
            Ok(decided.endpoint)
        })
    });
    let shown = view::WebhookEndpoint::of(&made.await?, now.partner());
    Ok(answer::created(shown.with_secret(secret.expose_secret().to_owned())))
}
