//! `GET /swaps`

use std::sync::Arc;

use axum::extract::State;
use model::id::Id;
use model::swap::SwapStatus;
use model::view;
use store::swaps;
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of};
use crate::state::App;

/// What swaps can be narrowed by. Several filters narrow together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only swaps of this customer's domains.
    #[param(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    user_id: Option<String>,
    /// Only swaps of this order's domains.
    #[param(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    order_id: Option<String>,
    /// Only swaps of this domain, on either side: that it leaves by, or came by.
    #[param(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    domain_id: Option<String>,
    /// Only swaps of this status.
    status: Option<SwapStatus>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let statuses: Vec<_> = SwapStatus::ALL.iter().map(|status| status.as_str()).collect();
        Self {
            user_id: query.filter("user_id", any_text),
            order_id: query.filter("order_id", any_text),
            domain_id: query.filter("domain_id", any_text),
            status: query.filter("status", one_of(&statuses, SwapStatus::parse)),
        }
    }

    fn for_store(self) -> swaps::Filter {
        swaps::Filter { domain: self.domain_id, order: self.order_id, user: self.user_id, status: self.status }
    }
}

/// List swaps
#[utoipa::path(get, path = "/swaps", operation_id = "list_swaps", tag = "Swaps", params(Filter, Paging),
    responses(
        (status = 200, description = "The swaps, newest first.", body = List<view::Swap>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query).for_store();
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "swaps")?;
    let rows = swaps::list(&mut app.store.read().await?, &caller.scope, &filter, &asked.page).await?;
    Ok(asked.answer(vault, rows, |swap| swap.id.as_str(), view::Swap::of))
}
