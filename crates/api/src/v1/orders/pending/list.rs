//! `GET /orders/pending`

use std::sync::Arc;

use axum::extract::State;
use model::id::Id;
use model::view;
use model::view::ActionStatus;
use store::{actions, users};
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of};
use crate::state::App;
use app::actions::around;

/// What pending actions can be narrowed by.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only what holds up this order.
    #[param(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    order_id: Option<String>,
    /// Only what concerns this customer: an id, or an e-mail address.
    #[param(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    user: Option<String>,
    /// Only what holds up this domain.
    #[param(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    domain_id: Option<String>,
    /// Only actions of this status; open ones when it is left out.
    status: Option<ActionStatus>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let statuses: Vec<_> = ActionStatus::ALL.iter().map(|status| status.as_str()).collect();
        Self {
            order_id: query.filter("order_id", any_text),
            user: query.filter("user", any_text),
            domain_id: query.filter("domain_id", any_text),
            status: query.filter("status", one_of(&statuses, ActionStatus::parse)),
        }
    }
}

/// List pending actions
///
/// What waits for you or your customer. Everything is also looked at again by itself every ten minutes, and leaves
/// the list when it is no longer needed.
#[utoipa::path(get, path = "/orders/pending", operation_id = "list_pending_actions", tag = "Pending actions",
    params(Filter, Paging),
    responses(
        (status = 200, description = "The actions, newest first.", body = List<view::Action>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query);
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "pending")?;
    let mut db = app.store.read().await?;
    let user = match filter.user {
        // An address that nobody has finds nothing, like an id that nobody has.
        Some(email) if email.contains('@') => {
            let user = users::active_by_email(&mut db, &caller.scope, &email).await?;
            Some(user.map_or_else(String::new, |user| user.id.to_string()))
        }
        other => other,
    };
    let open = filter.status.unwrap_or(ActionStatus::Open) == ActionStatus::Open;
    let filter = actions::Filter { open, order: filter.order_id, domain: filter.domain_id, user };
    let mut rows = vec![];
    for action in actions::list(&mut db, &caller.scope, &filter, &asked.page).await? {
        let around = around(&mut db, Some(&app.consents), &action).await?;
        rows.push((action, around));
    }
    Ok(asked.answer(vault, rows, |(action, _)| action.id.as_str(), |(action, around)| view::Action::of(action, around)))
}
