//! `POST /users`

use std::sync::Arc;

use axum::extract::State;
use model::{user, view};
use store::users;

use super::body::NewUser;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};

/// Create a user
///
/// An order for an address that no active user has makes one too. The address of a deleted user may be used
/// again: that makes another user.
#[utoipa::path(post, path = "/users", operation_id = "create_user", tag = "Users", request_body = NewUser,
    responses(
        (status = 201, description = "The new user.", body = Data<view::User>),
        (status = 409, description = "`already_exists`: an active user has this address; `details.id` names it.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Full>, State(app): State<Arc<App>>, body: Payload) -> Answer {
    let asked = body.read(app.unknown(), NewUser::read)?;
    let (ids, now) = (app.ids.clone(), caller.now);
    let created = app.store.write(move |tx| {
        let (scope, asked, ids) = (caller.scope.clone(), asked.clone(), ids.clone());
        Box::pin(async move {
            let holder = users::active_by_email(tx, &scope, &asked.email).await?;
            let decided = user::create(&scope, asked, holder.as_ref(), now, &ids)?;
            tx.apply(decided.change, &ids, now.server).await?;
            Ok(decided.user)
        })
    });
    Ok(answer::created(view::User::of(&created.await?)))
}
