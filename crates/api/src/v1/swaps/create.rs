//! `POST /swaps`

use app::Told;
use app::swaps::BeginSwap;
use model::view;
use model::view::Loses;

use super::body::NewSwap;
use crate::answer::{Answer, Data};
use crate::body::Unknown;
use crate::call::Once;
use crate::caller::Full;
use crate::told;

/// Swap a domain
///
/// Another name takes the domain's place: from your inventory, or bought now. It gets the same provider, licences and
/// people; the old domain works until the new one does. `standard` lets it leave then; `premium` keeps it warm for 14
/// days more, is for Microsoft only, once in 30 days for a domain, and for a share of your active Microsoft domains.
///
/// A name that cannot be had yet makes the swap `action_required`; it goes on by itself once it can. The same request
/// again while the swap is open answers that swap, with `Idempotent-Replayed: true`.
///
/// `loses` says which accounts end at the sequencer with the old domain: campaigns that send from them stop then. Until the
/// swap has come to that, `POST /swaps/{id}/cancel` takes it back.
///
/// Where spending is limited, the name's price of now must fit under the limits. It is booked when the name is bought; if
/// it does not fit by then, the swap waits as `action_required` too.
#[utoipa::path(post, path = "/swaps", operation_id = "create_swap", tag = "Swaps", request_body = NewSwap,
    responses(
        (status = 201, description = "The swap.", body = Data<view::Swap>),
        (status = 402, description = "`spend_limit_exceeded`: the name would go over the key's or the partner's monthly \
            limit; `details.scope` says which.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such domain.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: `details.reason` is `not_active`, `cancel_scheduled`, `order_failed`, \
            `order_cancelled`, `order_cancel_scheduled`, `swap_open`, `same_domain`, `in_your_order`, `microsoft_only` or \
            `cooldown` (until `details.ends_at`). `quota_exceeded`: `details` has `limit`, `used` and `frees_at`.",
            body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment, and \
            spending is limited.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let wish = call.body.read(Unknown::Refused, NewSwap::read)?;
    let case = BeginSwap::looked_up(&call.app, &call.actor, wish, call.now.partner()).await;
    call.perform_prepared(case, |done| Told {
        again: done.value.repeated,
        ..told::created(view::Swap::of(&done.value.swap).losing(Loses::of(&done.value.inboxes)))
    })
    .await
}
