//! `GET /domains/forwarding/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::ForwardingId;
use model::view;
use store::forwardings;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read a forwarding job
#[utoipa::path(get, path = "/domains/forwarding/{id}", operation_id = "get_forwarding", tag = "Forwarding",
    params(("id" = String, Path, description = "The job's id.", example = "fwj_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The job as it is now.", body = Data<view::Forwarding>),
        (status = 404, description = "`not_found`: no such job.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<ForwardingId>) -> Answer {
    let found = forwardings::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let job = found.ok_or_else(|| not_found("forwarding job", &id.0))?;
    Ok(answer::ok(view::Forwarding::of(&job)))
}
