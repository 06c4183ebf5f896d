//! `POST /swaps/{id}/cancel`

use crate::told;
use app::swaps::CancelSwap;
use model::id::SwapId;
use model::view;

use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;
use crate::v1::id::PathId;

/// Cancel a swap
///
/// The domain stays as it is, and the swap's price is credited. One that waits is cancelled at once. One whose replacement
/// is being made stays as it is until the next step has ended that: a name that was bought by then is yours, in the
/// inventory; one that was not is credited.
#[utoipa::path(post, path = "/swaps/{id}/cancel", operation_id = "cancel_swap", tag = "Swaps",
    params(("id" = String, Path, description = "The swap's id.", example = "swp_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The swap as it is now.", body = Data<view::Swap>),
        (status = 404, description = "`not_found`: no such swap.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: it has ended (`swap_completed`, `swap_failed`, `swap_cancelled`), or an inbox \
            cannot be left half renamed (`being_renamed`).", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<SwapId>, Once(call): Once<Full>) -> Answer {
    call.body.nothing(call.app.unknown())?;
    call.perform(CancelSwap { id }, |done| told::ok(view::Swap::of(&done.value))).await
}
