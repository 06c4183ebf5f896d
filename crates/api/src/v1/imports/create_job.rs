//! `POST /domains/import/jobs`

use axum::http::StatusCode;
use model::view;

use super::body::NewJob;
use super::start;
use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;
use crate::repeat::respond;

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
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let wanted = call.body.read(call.app.unknown(), |fields| NewJob::read(fields, MOST))?;
    Ok(respond(start(&call, wanted, StatusCode::ACCEPTED).await?))
}
