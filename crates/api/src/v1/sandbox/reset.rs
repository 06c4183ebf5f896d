//! `POST /test/reset`

use std::sync::Arc;

use app::sandbox::ResetSandbox;
use axum::extract::State;

use super::SandboxClock;
use crate::answer::{Answer, Data, ok};
use crate::body::Payload;
use crate::caller::{Caller, Sandbox};
use crate::state::App;

/// Begin the sandbox anew
///
/// Removes everything that your test keys have made, and sets the clock back to the present: the same tests can
/// run again with the same names. Work that is under way ends without being told. Keys and webhook endpoints stay.
#[utoipa::path(post, path = "/test/reset", operation_id = "reset_sandbox", tag = "Sandbox",
    responses(
        (status = 200, description = "What the clock shows now.", body = Data<SandboxClock>),
        (status = 403, description = "`forbidden`: the key is a live one, or its preset is not `full`.",
            body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: the operator has put the sandbox at vendors' own ones, where what was made \
            stays (`vendor_sandbox`).",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Sandbox>, State(state): State<Arc<App>>, body: Payload) -> Answer {
    body.nothing(state.unknown())?;
    let case = ResetSandbox::new(&state, &caller.scope)?;
    let done = app::perform(&state, &Arc::new(caller.actor()), &Arc::new(case)).await?;
    Ok(ok(SandboxClock { now: done.value }))
}
