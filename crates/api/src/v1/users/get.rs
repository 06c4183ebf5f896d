//! `GET /users/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::UserId;
use model::view;
use store::users;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read a user
///
/// A deleted one too.
#[utoipa::path(get, path = "/users/{id}", operation_id = "get_user", tag = "Users",
    params(("id" = String, Path, description = "The user's id.", example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The user.", body = Data<view::User>),
        (status = 404, description = "`not_found`: no such user.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<UserId>) -> Answer {
    let found = users::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let user = found.ok_or_else(|| not_found("user", &id.0))?;
    Ok(answer::ok(view::User::of(&user)))
}
