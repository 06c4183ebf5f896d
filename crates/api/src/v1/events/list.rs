//! `GET /events`

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use model::event::EventKind;
use model::id::{EventId, Id};
use model::view;
use store::events;
use utoipa::IntoParams;

use super::stream;
use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of};
use crate::state::App;
use crate::stream::{is_asked_for, varying};

/// What events can be narrowed by.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only events of this type.
    #[param(rename = "type")]
    kind: Option<EventKind>,
    /// Only events told after this one, oldest first: for catching up. A stream begins after it.
    #[param(example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    after: Option<String>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let names: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Self { kind: query.filter("type", one_of(&names, EventKind::parse)), after: query.filter("after", any_text) }
    }
}

/// List events, or listen to them
///
/// With `Accept: text/event-stream` the answer is a stream that goes on for as long as you listen: every event as it
/// is told, from now on, or after the one that `Last-Event-ID` or `after` names. `id` is the event's id, `event` its
/// type, and `data` the very body that webhooks carry. The first block has only an `id`: what the stream begins
/// after. A comment every 15 seconds keeps the connection alive. When
/// it ends, connect again with `Last-Event-ID`: none is passed over. A key may have 16 streams open.
#[utoipa::path(get, path = "/events", operation_id = "list_events", tag = "Events",
    params(Filter, Paging,
        ("Last-Event-ID" = Option<String>, Header, description = "Only for a stream: the last event you have. It goes \
            before `after`.", max_length = 120, example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The events, newest first; with `after`, oldest first. Or the stream.",
            content((List<view::Event> = "application/json"), (String = "text/event-stream"))),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody),
        (status = 410, description = "`cursor_lost`: the event to go on after is not known any more; \
            `details.go_on_after` says where to go on.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Read>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    mut query: Listing,
) -> Answer {
    let filter = Filter::read(&mut query);
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "events")?;
    if is_asked_for(&headers) {
        return stream::open(app.clone(), caller, &headers, filter.after, filter.kind).await.map(varying);
    }
    let mut db = app.store.read().await?;
    let rows = match filter.after {
        None => events::list(&mut db, &caller.scope, filter.kind, &asked.page).await?,
        Some(after) => {
            let after = EventId::opaque(after);
            if events::get(&mut db, &caller.scope, &after).await?.is_none() {
                return Err(app::events::lost(&mut db, &caller.scope, &after).await?.into());
            }
            let last = asked.page.below.clone().map_or(after, EventId::opaque);
            events::after(&mut db, &caller.scope, filter.kind, Some(&last), asked.page.limit).await?
        }
    };
    Ok(varying(asked.answer(vault, rows, |event| event.id.as_str(), view::Event::of)))
}
