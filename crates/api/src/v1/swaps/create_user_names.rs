//! `POST /swaps/user_names`

use std::sync::Arc;

use model::domain::Domain;
use model::swap::{self, Renaming};
use model::view;
use model::world::Scope;
use serde::Serialize;
use store::{Halt, Tx, inboxes, swaps};
use utoipa::ToSchema;

use super::body::NewUserNames;
use super::placed::{placed, taken};
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
    let wanted = Arc::new(call.body.read(Unknown::Refused, |fields| NewUserNames::read(fields, loopback))?);
    call.start(move |tx, caller| {
        let wanted = wanted.clone();
        Box::pin(async move {
            let domain = taken(tx, &caller.scope, &wanted.domain_id).await?;
            let present = caller.renew(tx).await?;
            let facts = facts(tx, &present.scope, &domain).await?;
            let renamed = swap::rename(&facts, &wanted.personas, present.now, &present.ids)?;
            present.apply(tx, renamed.change).await?;
            let swaps = renamed.swaps.iter().map(view::Swap::of).collect();
            Ok(present.created(UserNames { swaps }).again(renamed.repeated))
        })
    })
    .await
}

async fn facts(tx: &mut Tx, scope: &Scope, domain: &Domain) -> Result<Renaming, Halt> {
    let (order, domain) = placed(tx, scope, domain).await?;
    Ok(Renaming {
        inboxes: inboxes::of_domain(tx, &domain.id).await?,
        replacing: swaps::open_of_domain(tx, &domain.id).await?,
        open: swaps::renaming(tx, &domain).await?,
        order,
        domain,
    })
}
