//! `POST /webhook_endpoints`

use crate::told;
use app::endpoints::CreateEndpoint;
use model::delivery::{self, NewEndpoint};
use model::secret::Secret;
use model::view;
use secrecy::ExposeSecret as _;

use super::body::{NewWebhookEndpoint, Reach};
use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;

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
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let environment = call.caller.environment;
    let reach = Reach { environment, loopback: call.app.lets_in_loopback(environment) };
    let new = call.body.read(call.app.unknown(), |fields| NewWebhookEndpoint::read(fields, reach))?;
    let secret = delivery::new_secret(call.app.ids.random());
    let wanted = NewEndpoint { url: new.url, events: new.events, secret: Secret::Plain(secret.clone()) };
    call.perform(CreateEndpoint { wanted }, move |done| {
        let shown =
            view::WebhookEndpoint::of(&done.value, done.now.partner()).with_secret(secret.expose_secret().to_owned());
        told::secret(told::created(shown))
    })
    .await
}
