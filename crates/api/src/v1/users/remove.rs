//! `DELETE /users/{id}`

use crate::told;
use app::users::RemoveUser;
use model::id::UserId;
use model::view;

use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
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
pub(crate) async fn handler(PathId(id): PathId<UserId>, call: Call<Full>) -> Answer {
    call.body.nothing(call.app.unknown())?;
    call.perform(RemoveUser { id }, |done| told::ok(view::User::of(&done.value))).await
}
