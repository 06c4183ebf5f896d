//! `POST /webhook_endpoints/{id}/replay`

use std::sync::Arc;

use model::clock::Time;
use model::delivery::{self, Endpoint};
use model::id::{EndpointId, EventId, Id};
use model::world::Scope;
use serde::Serialize;
use store::events::{Search, Untold};
use store::{Halt, Tx, endpoints, events};
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::app::App;
use crate::body::{Fields, Spot};
use crate::call::Once;
use crate::caller::{Caller, Full};
use crate::present::Present;
use crate::problem::{Problem, missing, not_found};
use crate::v1::events::lost;
use crate::v1::id::PathId;

/// The most events that one call looks at: reading them must not take long.
const LOOK: i64 = 10_000;

/// The most deliveries that one call queues.
const QUEUE: usize = 1_000;

/// How many of them one transaction queues.
const PIECE: usize = 200;

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
    let Untold { mut events, go_on_after } = look(&call.app, &call.caller.scope, &id, wanted).await?;
    // A call that ends half-way is sent again, and finds the rest.
    let mut before = 0;
    while events.len() > PIECE {
        let rest = events.split_off(PIECE);
        before += queue_piece(&call.app, &call.caller, &id, events).await?;
        events = rest;
    }
    let last = Arc::new((events, go_on_after));
    call.start(move |tx, caller| {
        let (id, last) = (id.clone(), last.clone());
        Box::pin(async move {
            let present = caller.renew(tx).await?;
            let queued = before + queue(tx, &present, &id, &last.0).await?;
            let next_after = last.1.as_ref().map(ToString::to_string);
            Ok(present.accepted(Replay { endpoint_id: id.to_string(), queued, next_after }))
        })
    })
    .await
}

async fn queue_piece(
    app: &App,
    caller: &Arc<Caller<Full>>,
    id: &EndpointId,
    events: Vec<EventId>,
) -> Result<usize, Problem> {
    let shared = Arc::new((caller.clone(), id.clone(), events));
    let queued = app.store.write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let (caller, id, events) = &*shared;
            let present = caller.renew(tx).await?;
            queue(tx, &present, id, events).await
        })
    });
    let queued = queued.await?;
    app.wake.nudge();
    Ok(queued)
}

/// Finds the events before anything is locked: there may be many to pass over.
async fn look(app: &App, scope: &Scope, id: &EndpointId, wanted: WantedReplay) -> Result<Untold, Problem> {
    let mut db = app.store.read().await?;
    let found = endpoints::get(&mut db, scope, id).await?;
    let endpoint: Endpoint = found.ok_or_else(|| not_found("webhook endpoint", id))?;
    let after = match wanted.after {
        Some(after) => {
            let Some(event) = events::get(&mut db, scope, &after).await? else {
                return Err(lost::refusal(&mut db, scope, &after).await?.into());
            };
            Some((event.created_at, after))
        }
        None => None,
    };
    let search = Search { since: wanted.since, after, look: LOOK, find: QUEUE };
    Ok(events::untold(&mut db, scope, &endpoint, &search).await?)
}

async fn queue(tx: &mut Tx, present: &Present, id: &EndpointId, events: &[EventId]) -> Result<usize, Halt> {
    let scope = &present.scope;
    let endpoint = endpoints::lock(tx, scope, id).await?.ok_or_else(|| missing("webhook endpoint", id))?;
    // Another call may have queued some of them meanwhile.
    let events = events::still_untold(tx, scope, id, events).await?;
    let queued = events.len();
    let change = delivery::replay(&endpoint, &scope.world, events, present.now, &present.ids)?;
    present.apply(tx, change).await?;
    Ok(queued)
}
