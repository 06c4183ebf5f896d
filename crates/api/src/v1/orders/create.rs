//! `POST /orders`

use app::orders::PlaceOrder;
use axum::http::StatusCode;
use model::view;

use super::body::{NewOrder, Shape};
use crate::answer::{Answer, Data};
use crate::body::Unknown;
use crate::call::OncePerBody;
use crate::caller::Full;
use crate::told;

/// Place an order
///
/// Everything is checked before anything is bought: the body, the user, the bundle, the number of
/// names, their availability and price (asked at the registrar now), and which provider can use them.
/// All faults of one stage are told together, and a refused order costs nothing.
///
/// With a `quote_id` the order has the quote's names, assignment and prices, and never costs more than the
/// quote said. A quote is not used up by an order; its names are, so it cannot buy them twice.
///
/// The operator may limit what a key, or all keys together, may book in a calendar month (UTC); an order
/// that would go over the limit is refused whole. `GET /me` shows the limits.
///
/// The same body within 24 hours gives the first answer again, with `Idempotent-Replayed: true`, and
/// changes nothing; `Idempotent-Order-Status` says how the order stands now. With an `Idempotency-Key` that
/// key is recognised in place of the body. Bodies are compared by what they mean: names and addresses as they are
/// normalised, numbers by their value, an empty text and null alike where both mean nothing.
#[utoipa::path(post, path = "/orders", operation_id = "create_order", tag = "Orders", request_body = NewOrder,
    responses(
        (status = 200, description = "The accepted order.", body = Data<view::Receipt>),
        (status = 400, description = "`invalid_request`, `order_shape_conflict`, `domain_count_mismatch` or \
            `domain_provider_mismatch`.", body = crate::openapi::ErrorBody),
        (status = 402, description = "`spend_limit_exceeded`: it would go over the key's or the partner's monthly limit; \
            `details.scope` says which.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such user, bundle or quote; `field` says which.",
            body = crate::openapi::ErrorBody),
        (status = 409, description = "`domain_unavailable`, `price_changed`, `bundle_archived`, `already_exists` (the \
            reference) or `idempotency_conflict`.", body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: a role has no account in the live environment, \
            `details.role` names it; `buying_paused`: the operator has paused buying and takes no orders meanwhile.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(OncePerBody(call): OncePerBody<Full>) -> Answer {
    let shape = Shape { complete: true, loopback: call.app.lets_in_loopback(call.caller.environment) };
    let placing = call.body.read(Unknown::Refused, |fields| NewOrder::read(fields, shape))?.placing();
    let case = PlaceOrder::confirmed(&call.app, &call.actor, placing, call.caller.trace, call.now.partner()).await;
    call.perform_prepared(case, |done| told::text(StatusCode::OK, done.value)).await
}
