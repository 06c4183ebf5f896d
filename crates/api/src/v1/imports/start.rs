//! What both ways of importing do: they find or begin the job.

use app::Reply;
use app::imports::StartImport;
use axum::http::StatusCode;
use model::view;

use super::body::NewJob;
use crate::call::Call;
use crate::caller::Full;
use crate::problem::Problem;
use crate::told;

/// Finds the job that answers for these names, or begins one.
pub(super) async fn start(call: &Call<Full>, job: NewJob, status: StatusCode) -> Result<Reply, Problem> {
    let case = StartImport::of(&call.app, call.caller.environment, &job.domains, job.replace_live_mail)?;
    call.decide(case, move |done| told::says(status, view::Import::of(&done.value.0, &done.value.1))).await
}
