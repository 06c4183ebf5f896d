//! `POST /test/reset`

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse as _;
use model::sandbox;
use model::world::Environment;
use store::{Halt, endpoints, partners, tasks};

use super::SandboxClock;
use crate::answer::{Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Sandbox};
use crate::repeat::Reply;

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
    let caller = Arc::new(caller);
    let reset = app.store.write(move |tx| {
        let caller = caller.clone();
        Box::pin(async move {
            // A settlement holds its task before its partner and its endpoint. So do we, and nobody waits for ever.
            tasks::remove_world(tx, &caller.scope.world).await?;
            let present = caller.renew_anywhere(tx).await?;
            let id = &present.scope.partner;
            let partner = partners::get(tx, id).await?.ok_or(Halt::Lost)?;
            let reset = sandbox::reset(partner, endpoints::of_partner(tx, id, Environment::Test).await?);
            present.apply(tx, reset.change).await?;
            Ok(Reply::from(present.ok(SandboxClock { now: present.now.server })))
        })
    });
    let reply = reset.await?;
    app.wake.nudge();
    Ok(reply.into_response())
}
