//! `GET /events/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::EventId;
use model::view;
use store::events;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read an event
#[utoipa::path(get, path = "/events/{id}", operation_id = "get_event", tag = "Events",
    params(("id" = String, Path, description = "The event's id.", example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The event, as webhooks carry it.", body = Data<view::Event>),
        (status = 404, description = "`not_found`: no such event.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<EventId>) -> Answer {
    let found = events::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let event = found.ok_or_else(|| not_found("event", &id.0))?;
    Ok(answer::ok(view::Event::of(&event)))
}
