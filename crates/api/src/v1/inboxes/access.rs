//! `GET /inboxes/{id}/access`

use std::sync::Arc;

use app::{access, not_found};
use axum::extract::State;
use model::id::InboxId;
use model::view;
use store::inboxes;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;

/// Read how an inbox is reached
///
/// Its servers, as whom one logs in, and which ways into it are known here. Nothing secret: `POST` hands that out.
#[utoipa::path(get, path = "/inboxes/{id}/access", operation_id = "get_inbox_access", tag = "Inboxes",
    params(("id" = String, Path, description = "The inbox's id.", example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "How it is reached.", body = Data<view::InboxAccess>),
        (status = 404, description = "`not_found`: no such inbox.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<InboxId>) -> Answer {
    let mut db = app.store.read().await?;
    let found = inboxes::get(&mut db, &caller.scope, &id.0).await?;
    let inbox = found.ok_or_else(|| not_found("inbox", &id.0))?;
    Ok(answer::ok(access::of_inbox(&mut db, &inbox).await?))
}
