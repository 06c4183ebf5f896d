//! `POST /users`

use super::body::NewUser;
use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;
use crate::told;
use app::users::CreateUser;
use model::view;

/// Create a user
///
/// An order for an address that no active user has makes one too. The address of a deleted user may be used
/// again: that makes another user.
#[utoipa::path(post, path = "/users", operation_id = "create_user", tag = "Users", request_body = NewUser,
    responses(
        (status = 201, description = "The new user.", body = Data<view::User>),
        (status = 409, description = "`already_exists`: an active user has this address; `details.id` names it.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let asked = call.body.read(call.app.unknown(), NewUser::read)?;
    call.perform(CreateUser { asked }, |done| told::created(view::User::of(&done.value))).await
}
