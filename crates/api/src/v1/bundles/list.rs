//! `GET /bundles`

use std::sync::Arc;

use axum::extract::State;
use model::bundle::{Bundle, BundleStatus};
use model::id::Id;
use model::view;
use store::bundles;
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, one_of};
use crate::state::App;

/// What bundles can be narrowed by.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only bundles of this status.
    status: Option<BundleStatus>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        Self { status: query.filter("status", one_of(&["active", "archived"], BundleStatus::parse)) }
    }
}

/// List bundles
#[utoipa::path(get, path = "/bundles", operation_id = "list_bundles", tag = "Bundles", params(Filter, Paging),
    responses(
        (status = 200, description = "The bundles, newest first.", body = List<view::Bundle>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query);
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "bundles")?;
    let rows = bundles::list(&mut app.store.read().await?, &caller.scope, filter.status, &asked.page).await?;
    let view = |bundle: &Bundle| view::Bundle::of(bundle, &app.rules.sizing);
    Ok(asked.answer(vault, rows, |bundle| bundle.id.as_str(), view))
}
