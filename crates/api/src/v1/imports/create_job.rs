//! `POST /domains/import/jobs`

use std::sync::Arc;

use axum::extract::State;
use model::view;

use super::body::NewJob;
use super::start;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};

/// The most names of one job.
const MOST: usize = 500;

/// Import many names in the background
///
/// The same as importing in one call, for up to 500 names, answered at once. Read the job, or wait for its events.
#[utoipa::path(post, path = "/domains/import/jobs", operation_id = "create_import_job", tag = "Imports",
    request_body = NewJob,
    responses(
        (status = 202, description = "The job as it is now.", body = Data<view::Import>),
        (status = 503, description = "`provider_not_configured`: there is no DNS host in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Full>, State(app): State<Arc<App>>, body: Payload) -> Answer {
    let wanted = body.read(app.unknown(), |fields| NewJob::read(fields, MOST))?;
    let (import, rows) = start(&app, &caller, wanted).await?;
    Ok(answer::accepted(view::Import::of(&import, &rows)))
}
