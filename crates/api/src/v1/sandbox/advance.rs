//! `POST /test/clock/advance`

use crate::told;
use app::sandbox::AdvanceClock;
use model::sandbox::MOST_SECONDS;
use utoipa::ToSchema;

use super::SandboxClock;
use crate::answer::{Answer, Data};
use crate::body::Fields;
use crate::call::Once;
use crate::caller::Sandbox;

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
        (status = 409, description = "`conflict`: the clock would be more than 100 years ahead (`clock_limit`), or the operator \
            has put the sandbox at vendors' own ones, whose clock is theirs (`vendor_sandbox`).",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(Once(call): Once<Sandbox>) -> Answer {
    let seconds = call.body.read(call.app.unknown(), Advance::read)?.seconds;
    let case = AdvanceClock::by(&call.app, &call.caller.scope, seconds)?;
    call.perform(case, |done| told::ok(SandboxClock { now: done.value })).await
}
