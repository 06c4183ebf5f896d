//! `DELETE /users/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::UserId;
use model::{user, view};
use store::users;

use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
use crate::v1::id::PathId;

/// Delete a user
///
/// The user stays readable, as deleted, and its address may be used again. A user with an order that is neither
/// failed nor cancelled is not deleted. Deleting a deleted user answers the same again.
#[utoipa::path(delete, path = "/users/{id}", operation_id = "delete_user", tag = "Users",
    params(("id" = String, Path, description = "The user's id.", example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The deleted user.", body = Data<view::User>),
        (status = 404, description = "`not_found`: no such user.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: it has live orders; `details.order_id` is one of them.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<UserId>,
    body: Payload,
) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, now) = (app.ids.clone(), caller.now);
    let removed = app.store.write(move |tx| {
        let (scope, id, ids) = (caller.scope.clone(), id.clone(), ids.clone());
        Box::pin(async move {
            let user = users::lock(tx, &scope, &id).await?.ok_or_else(|| missing("user", &id))?;
            let order = users::live_order(tx, &scope, &id).await?;
            let decided = user::remove(&user, order.as_ref())?;
            tx.apply(decided.change, &ids, now.server).await?;
            Ok(decided.user)
        })
    });
    Ok(answer::ok(view::User::of(&removed.await?)))
}
