//! `PATCH /users/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::UserId;
use model::{user, view};
use store::users;

use super::body::ChangedUser;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
use crate::v1::id::PathId;

/// Change a user
///
/// Fields that are left out stay as they are. Orders keep the address and the route that they were placed with.
#[utoipa::path(patch, path = "/users/{id}", operation_id = "change_user", tag = "Users",
    params(("id" = String, Path, description = "The user's id.", example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body = ChangedUser,
    responses(
        (status = 200, description = "The user as it is now.", body = Data<view::User>),
        (status = 404, description = "`not_found`: no such user.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`already_exists`: another active user has this address; `details.id` names it. \
            `conflict`: the user was deleted.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<UserId>,
    body: Payload,
) -> Answer {
    let wish = body.read(app.unknown(), ChangedUser::read)?;
    let (ids, now) = (app.ids.clone(), caller.now);
    let changed = app.store.write(move |tx| {
        let (scope, id, wish, ids) = (caller.scope.clone(), id.clone(), wish.clone(), ids.clone());
        Box::pin(async move {
            let user = users::lock(tx, &scope, &id).await?.ok_or_else(|| missing("user", &id))?;
            let holder = match &wish.email {
                Some(email) => users::active_by_email(tx, &scope, email).await?,
                None => None,
            };
            let decided = user::change(user, wish, holder.as_ref())?;
            tx.apply(decided.change, &ids, now.server).await?;
            Ok(decided.user)
        })
    });
    Ok(answer::ok(view::User::of(&changed.await?)))
}
