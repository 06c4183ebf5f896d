//! `POST /test/reset`

use std::sync::Arc;

use axum::extract::State;
use model::sandbox;
use model::world::Environment;
use store::{Halt, endpoints, partners, tasks};

use super::SandboxClock;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Sandbox};

/// Begin the sandbox anew
///
/// Removes everything that your test keys have made, and sets the clock back to the present: the same tests can
/// run again with the same names. Work that is under way ends without being told. Keys and webhook endpoints stay.
#[utoipa::path(post, path = "/test/reset", operation_id = "reset_sandbox", tag = "Sandbox",
    responses(
        (status = 200, description = "What the clock shows now.", body = Data<SandboxClock>),
        (status = 403, description = "`forbidden`: the key is a live one, or its preset is not `full`.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Sandbox>, State(app): State<Arc<App>>, body: Payload) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, server) = (app.ids.clone(), caller.now.server);
    let reset = app.store.write(move |tx| {
        let (scope, ids) = (caller.scope.clone(), ids.clone());
        Box::pin(async move {
            // A settlement holds its task before its partner and its endpoint. So do we, and nobody waits for ever.
            tasks::remove_world(tx, &scope.world).await?;
            let partner = partners::lock(tx, &scope.partner).await?.ok_or(Halt::Lost)?;
            let reset = sandbox::reset(partner, endpoints::of_partner(tx, &scope.partner, Environment::Test).await?);
            tx.apply(reset.change, &ids, server).await
        })
    });
    reset.await?;
    app.wake.nudge();
    Ok(answer::ok(SandboxClock { now: server }))
}
