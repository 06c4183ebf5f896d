//! `POST /webhook_endpoints/{id}/replay`

use model::clock::Time;
use model::id::{EndpointId, EventId, Id as _};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::body::{Fields, Spot};
use crate::call::Once;
use crate::caller::Full;
use crate::told;
use crate::v1::id::PathId;

/// Which events are sent again.
#[derive(ToSchema)]
pub(crate) struct WantedReplay {
    /// Only events that happened at this time or later.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T00:00:00Z")]
    since: Time,
    /// Only events after this one: `next_after` of the answer before.
    #[schema(value_type = Option<String>, max_length = 120, example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    after: Option<EventId>,
}

impl WantedReplay {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let since = fields.required("since", time);
        let after = fields.optional("after", |spot| spot.text(1..=120).map(EventId::opaque));
        Some(Self { since: since?, after })
    }
}

fn time(spot: &Spot<'_>) -> Option<Time> {
    Time::parse(spot.any_text()?).or_else(|| spot.refuse("Send a time such as 2026-05-08T12:00:00Z."))
}

/// What was queued.
#[derive(Serialize, ToSchema)]
pub(crate) struct Replay {
    /// The endpoint that gets them.
    #[schema(example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    endpoint_id: String,
    /// How many deliveries were queued.
    #[schema(minimum = 0, maximum = 1000, example = 42)]
    queued: usize,
    /// When there are more events than one call takes: send the same call again with this as `after`. Null when
    /// every event was looked at.
    #[schema(required, example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    next_after: Option<String>,
}

/// Send missed events to a webhook endpoint
///
/// Queues a delivery for every event since a time that the endpoint wants and that has no delivery to it which is
/// delivered or on its way: after an outage, or for an endpoint that is new. One call looks at 10,000 events and
/// queues 1,000 deliveries at most; while `next_after` is not null, call again with it.
#[utoipa::path(post, path = "/webhook_endpoints/{id}/replay", operation_id = "replay_events", tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id.", example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body = WantedReplay,
    responses(
        (status = 202, description = "How many deliveries are on their way.", body = Data<Replay>),
        (status = 404, description = "`not_found`: no such endpoint.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict` with the reason `endpoint_disabled`.",
            body = crate::openapi::ErrorBody),
        (status = 410, description = "`cursor_lost`: the event in `after` is not known any more; \
            `details.go_on_after` says where to go on.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<EndpointId>, Once(call): Once<Full>) -> Answer {
    let wanted = call.body.read(call.app.unknown(), WantedReplay::read)?;
    let wanted = app::endpoints::Replay { endpoint: id.clone(), since: wanted.since, after: wanted.after };
    let last = app::endpoints::replay(&call.app, &call.actor, &wanted).await?;
    let (endpoint_id, next_after) = (id.to_string(), last.go_on_after.as_ref().map(ToString::to_string));
    call.perform(last, move |done| {
        let (endpoint_id, next_after) = (endpoint_id.clone(), next_after.clone());
        told::accepted(Replay { endpoint_id, queued: done.value, next_after })
    })
    .await
}
