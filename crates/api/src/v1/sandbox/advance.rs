//! `POST /test/clock/advance`

use std::sync::Arc;

use axum::extract::State;
use model::sandbox::{self, MOST_SECONDS};
use store::{Halt, partners, tasks};
use utoipa::ToSchema;

use super::SandboxClock;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::{Fields, Payload};
use crate::caller::{Caller, Sandbox};

/// How far the clock is moved on.
#[derive(ToSchema)]
pub(crate) struct Advance {
    /// Seconds: at most five years.
    #[schema(minimum = 1, maximum = 157_680_000, example = 2_592_000)]
    seconds: i64,
}

impl Advance {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Self { seconds: fields.required("seconds", |spot| spot.integer(1..=MOST_SECONDS))? })
    }
}

/// Move the sandbox's clock on
///
/// Everything that waits for a time comes so much nearer: renewals, cancellations, warm days, the next attempt
/// of a webhook. It is done as soon as it is due, by the same steps as ever. The clock goes on from there; only a
/// reset sets it back.
#[utoipa::path(post, path = "/test/clock/advance", operation_id = "advance_clock", tag = "Sandbox",
    request_body = Advance,
    responses(
        (status = 200, description = "What the clock shows now.", body = Data<SandboxClock>),
        (status = 403, description = "`forbidden`: the key is a live one, or its preset is not `full`.",
            body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: the clock would be more than 100 years ahead.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Sandbox>, State(app): State<Arc<App>>, body: Payload) -> Answer {
    let seconds = body.read(app.unknown(), Advance::read)?.seconds;
    let (ids, server) = (app.ids.clone(), caller.now.server);
    let advanced = app.store.write(move |tx| {
        let (id, ids) = (caller.scope.partner.clone(), ids.clone());
        Box::pin(async move {
            let partner = partners::lock(tx, &id).await?.ok_or(Halt::Lost)?;
            let advanced = sandbox::advance(partner, seconds)?;
            tx.apply(advanced.change, &ids, server).await?;
            if tasks::bring_forward(tx, &advanced.world, advanced.offset).await? {
                let follow = sandbox::follow(&id, &advanced.world, server, &ids);
                tx.apply(follow, &ids, server).await?;
            }
            Ok(advanced.offset)
        })
    });
    let offset = advanced.await?;
    app.wake.nudge();
    Ok(answer::ok(SandboxClock { now: server.plus(offset) }))
}
