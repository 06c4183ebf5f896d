//! `GET /events`

use std::sync::Arc;

use axum::extract::State;
use model::event::EventKind;
use model::id::Id;
use model::view;
use store::events;
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::app::App;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, one_of};

/// What events can be narrowed by.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only events of this type.
    #[param(rename = "type")]
    kind: Option<EventKind>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let names: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Self { kind: query.filter("type", one_of(&names, EventKind::parse)) }
    }
}

/// List events
#[utoipa::path(get, path = "/events", operation_id = "list_events", tag = "Events", params(Filter, Paging),
    responses(
        (status = 200, description = "The events, newest first.", body = List<view::Event>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query);
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "events")?;
    let rows = events::list(&mut app.store.read().await?, &caller.scope, filter.kind, &asked.page).await?;
    Ok(asked.answer(vault, rows, |event| event.id.as_str(), view::Event::of))
}
