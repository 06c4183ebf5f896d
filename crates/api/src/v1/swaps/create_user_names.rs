//! `POST /swaps/user_names`

use crate::told;
use app::Told;
use app::swaps::RenameInboxes;
use model::swap::Swap;
use model::view;
use model::view::Loses;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::NewUserNames;
use crate::answer::{Answer, Data};
use crate::body::Unknown;
use crate::call::Once;
use crate::caller::Full;

/// What renames the inboxes of a domain.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserNames {
    /// One for each inbox, in the order they were made.
    swaps: Vec<view::Swap>,
}

/// Rename a domain's inboxes
///
/// The people take turns over the active inboxes: display name and picture change, the address only when the one made
/// of the new name differs; then the inbox is linked to the sequencer anew. Each inbox has a swap of its own. The same
/// request again while one of them is open answers them all, with `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/swaps/user_names", operation_id = "create_user_names_swaps", tag = "Swaps",
    request_body = NewUserNames,
    responses(
        (status = 201, description = "A swap for each inbox.", body = Data<UserNames>),
        (status = 404, description = "`not_found`: no such domain.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: `details.reason` is `not_active`, `cancel_scheduled`, `order_failed`, \
            `order_cancelled`, `order_cancel_scheduled`, `swap_open` or `no_inboxes`.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let loopback = call.app.lets_in_loopback(call.caller.environment);
    let wanted = call.body.read(Unknown::Refused, |fields| NewUserNames::read(fields, loopback))?;
    let case = RenameInboxes { domain: wanted.domain_id, personas: wanted.personas };
    call.perform(case, |done| {
        let of = |swap: &Swap| view::Swap::of(swap).losing(Loses::of(done.value.moving.get(&swap.id)));
        let swaps = done.value.swaps.iter().map(of).collect();
        Told { again: done.value.repeated, ..told::created(UserNames { swaps }) }
    })
    .await
}
