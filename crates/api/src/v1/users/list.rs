//! `GET /users`

use std::sync::Arc;

use axum::extract::State;
use model::id::Id;
use model::user::UserStatus;
use model::view;
use store::users;
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of};
use crate::state::App;

/// What users can be narrowed by. Several filters narrow together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only the user with this address; neither case nor the spelling of its host matters.
    #[param(example = "alex@acme.com")]
    email: Option<String>,
    /// Only users of this status; active ones when it is left out.
    status: Option<UserStatus>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        Self {
            email: query.filter("email", any_text),
            status: query.filter("status", one_of(&["active", "deleted"], UserStatus::parse)),
        }
    }

    fn for_store(self) -> users::Filter {
        users::Filter { email: self.email, status: self.status.unwrap_or(UserStatus::Active) }
    }
}

/// List users
#[utoipa::path(get, path = "/users", operation_id = "list_users", tag = "Users", params(Filter, Paging),
    responses(
        (status = 200, description = "The users, newest first.", body = List<view::User>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query).for_store();
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "users")?;
    let rows = users::list(&mut app.store.read().await?, &caller.scope, &filter, &asked.page).await?;
    Ok(asked.answer(vault, rows, |user| user.id.as_str(), view::User::of))
}
