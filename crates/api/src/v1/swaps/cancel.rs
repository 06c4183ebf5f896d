//! `POST /swaps/{id}/cancel`

use std::sync::Arc;

use axum::extract::State;
use model::id::{Id as _, SwapId};
use model::view;
use model::{swap, world::Scope};
use store::{Halt, Tx, swaps, turn};

use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::clock;
use crate::problem::missing;
use crate::v1::id::PathId;
use crate::v1::orders::locked;

/// Cancel a swap
///
/// The domain stays as it is, and the swap's price is credited. One that waits has failed at once. One whose replacement
/// is being made stays as it is until the next step has ended that: a name that was bought by then is yours, in the
/// inventory; one that was not is credited.
#[utoipa::path(post, path = "/swaps/{id}/cancel", operation_id = "cancel_swap", tag = "Swaps",
    params(("id" = String, Path, description = "The swap's id.", example = "swp_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The swap as it is now.", body = Data<view::Swap>),
        (status = 404, description = "`not_found`: no such swap.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: it has ended (`swap_completed`, `swap_failed`), or an inbox cannot be \
            left half renamed (`being_renamed`).", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<SwapId>,
    body: Payload,
) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, now, scope) = (app.ids.clone(), caller.now, caller.scope.clone());
    let writing = app.store.write(move |tx| {
        let (id, ids, scope) = (id.clone(), ids.clone(), scope.clone());
        Box::pin(async move {
            let order = found(tx, &scope, &id).await?.order;
            turn::take(tx, order.as_str()).await?;
            let now = clock::held(tx, &scope, now).await?;
            let order = locked(tx, &scope, &order).await?;
            // As it is now that nobody else can change it.
            let swap = found(tx, &scope, &id).await?;
            let (change, after) = swap::cancel(order, &swap, now, &ids)?;
            tx.apply(change, &ids, now.server).await?;
            Ok(view::Swap::of(&after))
        })
    });
    let cancelled = writing.await?;
    app.wake.nudge();
    Ok(answer::ok(cancelled))
}

async fn found(tx: &mut Tx, scope: &Scope, id: &SwapId) -> Result<swap::Swap, Halt> {
    swaps::get(tx, scope, id).await?.ok_or_else(|| missing("swap", id))
}
