//! `GET /bundles/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::BundleId;
use model::view;
use store::bundles;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read a bundle
#[utoipa::path(get, path = "/bundles/{id}", operation_id = "get_bundle", tag = "Bundles",
    params(("id" = String, Path, description = "The bundle's id.", example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The bundle.", body = Data<view::Bundle>),
        (status = 404, description = "`not_found`: no such bundle.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<BundleId>) -> Answer {
    let found = bundles::get(&mut app.store.read().await?, &caller.scope, &id.0).await?;
    let bundle = found.ok_or_else(|| not_found("bundle", &id.0))?;
    Ok(answer::ok(view::Bundle::of(&bundle, &app.rules.sizing)))
}
