//! `DELETE /orders/{id}/cancel`

use crate::told;
use app::orders::UndoCancel;
use model::id::OrderId;
use model::view;

use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
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
pub(crate) async fn handler(PathId(id): PathId<OrderId>, call: Call<Full>) -> Answer {
    call.body.nothing(call.app.unknown())?;
    call.perform(UndoCancel { id }, |done| told::ok(done.value)).await
}
