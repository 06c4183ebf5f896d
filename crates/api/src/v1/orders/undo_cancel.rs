//! `DELETE /orders/{id}/cancel`

use std::sync::Arc;

use axum::extract::State;
use model::id::{Id as _, OrderId};
use model::order;
use model::view;

use store::turn;

use super::locked;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::clock;
use crate::v1::id::PathId;

/// Take a cancellation back
///
/// Until it takes effect. What had stopped goes on; what was credited stays credited and gone.
#[utoipa::path(delete, path = "/orders/{id}/cancel", operation_id = "undo_cancel_order", tag = "Orders",
    params(("id" = String, Path, description = "The order's id.", example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The order as it is now.", body = Data<view::Order>),
        (status = 404, description = "`not_found`: no such order.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: nothing is scheduled that could be undone (`not_scheduled`), or all \
            of it was credited already (`nothing_left`).", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<OrderId>,
    body: Payload,
) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, now, scope) = (app.ids.clone(), caller.now, caller.scope.clone());
    let undone = app.store.write(move |tx| {
        let (id, ids, scope) = (id.clone(), ids.clone(), scope.clone());
        Box::pin(async move {
            turn::take(tx, id.as_str()).await?;
            let now = clock::held(tx, &scope, now).await?;
            let facts = locked(tx, &scope, &id).await?;
            let (change, answer) = order::undo(facts, now, &ids)?;
            tx.apply(change, &ids, now.server).await?;
            Ok(answer)
        })
    });
    let undone = undone.await?;
    app.wake.nudge();
    Ok(answer::ok(undone))
}
