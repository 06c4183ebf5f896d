//! `PATCH /users/{id}`

use crate::told;
use app::users::ChangeUser;
use model::id::UserId;
use model::view;

use super::body::ChangedUser;
use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
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
pub(crate) async fn handler(PathId(id): PathId<UserId>, call: Call<Full>) -> Answer {
    let wish = call.body.read(call.app.unknown(), ChangedUser::read)?;
    call.perform(ChangeUser { id, wish }, |done| told::ok(view::User::of(&done.value))).await
}
