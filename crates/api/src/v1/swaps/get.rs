//! `GET /swaps/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::SwapId;
use model::view;
use store::swaps;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read a swap
#[utoipa::path(get, path = "/swaps/{id}", operation_id = "get_swap", tag = "Swaps",
    params(("id" = String, Path, description = "The swap's id.", example = "swp_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The swap.", body = Data<view::Swap>),
        (status = 404, description = "`not_found`: no such swap.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<SwapId>) -> Answer {
    let found = swaps::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let swap = found.ok_or_else(|| not_found("swap", &id.0))?;
    Ok(answer::ok(view::Swap::of(&swap)))
}
