//! `GET /domains/import/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::ImportId;
use model::view;

use super::watch::read;
use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::problem::Problem;
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read an import
#[utoipa::path(get, path = "/domains/import/{id}", operation_id = "get_import", tag = "Imports",
    params(("id" = String, Path, description = "The job's id.", example = "imp_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The job as it is now.", body = Data<view::Import>),
        (status = 404, description = "`not_found`: no such job.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<ImportId>) -> Answer {
    Ok(answer::ok(shown(&app, &caller, &id.0).await?))
}

/// A job as it is now.
pub(super) async fn shown(app: &App, caller: &Caller<Read>, id: &ImportId) -> Result<view::Import, Problem> {
    let found = read(app, &caller.scope, id).await?;
    let (import, rows) = found.ok_or_else(|| not_found("import", id))?;
    Ok(view::Import::of(&import, &rows))
}
