//! `GET /inboxes/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::InboxId;
use model::view;
use store::inboxes;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read an inbox
///
/// A deleted one too.
#[utoipa::path(get, path = "/inboxes/{id}", operation_id = "get_inbox", tag = "Inboxes",
    params(("id" = String, Path, description = "The inbox's id.", example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The inbox.", body = Data<view::Inbox>),
        (status = 404, description = "`not_found`: no such inbox.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<InboxId>) -> Answer {
    let found = inboxes::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let inbox = found.ok_or_else(|| not_found("inbox", &id.0))?;
    Ok(answer::ok(view::Inbox::of(&inbox)))
}
