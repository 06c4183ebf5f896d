//! `GET /domains/import/jobs/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::ImportId;
use model::view;

use super::get::shown;
use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;

/// Read an import job
///
/// The same as reading an import: both kinds are read either way.
#[utoipa::path(get, path = "/domains/import/jobs/{id}", operation_id = "get_import_job", tag = "Imports",
    params(("id" = String, Path, description = "The job's id.", example = "imp_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The job as it is now.", body = Data<view::Import>),
        (status = 404, description = "`not_found`: no such job.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<ImportId>) -> Answer {
    Ok(answer::ok(shown(&app, &caller, &id.0).await?))
}
