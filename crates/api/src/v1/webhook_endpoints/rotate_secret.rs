//! `POST /webhook_endpoints/{id}/rotate_secret`

use crate::told;
use app::endpoints::RotateSecret;
use model::clock::SECOND;
use model::delivery::{self, MAX_OVERLAP, OVERLAP};
use model::id::EndpointId;
use model::secret::Secret;
use model::view;
use secrecy::ExposeSecret as _;
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::body::Fields;
use crate::call::Once;
use crate::caller::Full;
use crate::v1::id::PathId;

/// How the old secret goes.
#[derive(ToSchema)]
pub(crate) struct Rotation {
    /// For how many seconds the old secret also signs. 0 ends it at once: for a secret that became known.
    #[schema(minimum = 0, maximum = 604_800, default = 86_400, example = 86_400)]
    overlap_seconds: Option<i64>,
}

impl Rotation {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let longest = MAX_OVERLAP / SECOND;
        Some(Self { overlap_seconds: fields.optional("overlap_seconds", |spot| spot.integer(0..=longest)) })
    }

    fn overlap(&self) -> i64 {
        self.overlap_seconds.map_or(OVERLAP, |seconds| seconds * SECOND)
    }
}

/// Rotate the secret of a webhook endpoint
///
/// The new secret is in this answer and in no later one. While the two overlap, every delivery is signed with both:
/// `Peeker-Signature: v1=<new>,v1=<old>`. A rotation during an overlap ends the older one at once.
#[utoipa::path(post, path = "/webhook_endpoints/{id}/rotate_secret", operation_id = "rotate_webhook_secret",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id.", example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body(content = Option<Rotation>, description = "May be left out."),
    responses(
        (status = 200, description = "The endpoint, with its new secret.", body = Data<view::WebhookEndpoint>),
        (status = 404, description = "`not_found`: no such endpoint.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<EndpointId>, Once(call): Once<Full>) -> Answer {
    let overlap = call.body.read(call.app.unknown(), Rotation::read)?.overlap();
    let secret = delivery::new_secret(call.app.ids.random());
    let case = RotateSecret { id, secret: Secret::Plain(secret.clone()), overlap };
    call.perform(case, move |done| {
        let shown =
            view::WebhookEndpoint::of(&done.value, done.now.partner()).with_secret(secret.expose_secret().to_owned());
        told::secret(told::ok(shown))
    })
    .await
}
