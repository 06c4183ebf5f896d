//! `GET /events`

use std::sync::Arc;

use axum::extract::State;
use model::event::EventKind;
use model::id::{EventId, Id};
use model::refusal::{Fault, Refusal};
use model::view;
use store::events;
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::app::App;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of};

/// What events can be narrowed by.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only events of this type.
    #[param(rename = "type")]
    kind: Option<EventKind>,
    /// Only events told after this one, oldest first: for catching up.
    #[param(example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    after: Option<String>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let names: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Self { kind: query.filter("type", one_of(&names, EventKind::parse)), after: query.filter("after", any_text) }
    }
}

/// List events
#[utoipa::path(get, path = "/events", operation_id = "list_events", tag = "Events", params(Filter, Paging),
    responses(
        (status = 200, description = "The events, newest first; with `after`, oldest first.", body = List<view::Event>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query);
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "events")?;
    let mut db = app.store.read().await?;
    let rows = match filter.after {
        None => events::list(&mut db, &caller.scope, filter.kind, &asked.page).await?,
        Some(after) => {
            let after = EventId::opaque(after);
            events::get(&mut db, &caller.scope, &after).await?.ok_or_else(|| unknown(&after))?;
            let last = asked.page.below.clone().map_or(after, EventId::opaque);
            events::after(&mut db, &caller.scope, filter.kind, &last, asked.page.limit).await?
        }
    };
    Ok(asked.answer(vault, rows, |event| event.id.as_str(), view::Event::of))
}

fn unknown(after: &EventId) -> Refusal {
    Fault::invalid("after", format!("There is no event {after}. Send the id of the last event you have.")).into()
}
