//! `POST /orders/quote`

use std::borrow::Cow;

use app::orders::QuoteOrder;
use model::view;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{RefBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::body::{NewOrder, Shape};
use super::sequencer::QuotedSequencer;
use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Limited;
use crate::openapi::requiring;
use crate::told;

/// The body of an order, of which only the size and the names are needed.
pub(crate) struct QuotedOrder;

impl PartialSchema for QuotedOrder {
    fn schema() -> RefOr<Schema> {
        let mut schema = requiring(NewOrder::schema(), &["domains"], NEEDED);
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            let name = QuotedSequencer::name();
            let sequencer = RefBuilder::new().ref_location_from_schema_name(name).description(Some(LOGIN)).build();
            object.properties.insert("sequencer".to_owned(), sequencer.into());
        }
        schema
    }
}

impl ToSchema for QuotedOrder {
    fn name() -> Cow<'static, str> {
        "QuotedOrder".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        NewOrder::schemas(schemas);
        schemas.push((QuotedSequencer::name().into_owned(), QuotedSequencer::schema()));
    }
}

const LOGIN: &str = "Where the inboxes are linked; the login may be left out.";

const NEEDED: &str = "The body of an order. Only the size and the names are needed; what else is sent is checked too.";

/// Quote an order
///
/// Says what an order would cost, which name would go to which provider, and every error that it
/// would get now. Only a body without size or names is refused.
///
/// Send its id as `quote_id` of an order of the same names and size: until `expires_at`, 15 minutes
/// from now, that order has these prices, licences included, and this assignment. No name is reserved: one
/// that somebody else buys meanwhile cannot be had. A quote is always made at today's prices: a `quote_id`
/// in its own body is checked, but its prices are not carried over. A key has at most 1,000 quotes that hold at a time;
/// what is asked for beyond them is `429 rate_limited` until the oldest has expired.
#[utoipa::path(post, path = "/orders/quote", operation_id = "quote_order", tag = "Orders", request_body = QuotedOrder,
    responses(
        (status = 200, description = "The quote, also when the order would be refused.", body = Data<view::Quote>),
        (status = 400, description = "`invalid_request` or `order_shape_conflict`.", body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(Once(call): Once<Limited>) -> Answer {
    let shape = Shape { complete: false, loopback: call.app.lets_in_loopback(call.caller.environment) };
    let (order, faults) = call.body.read_leniently(call.app.unknown(), |fields| NewOrder::read(fields, shape))?;
    let case = QuoteOrder::looked_up(&call.app, &call.actor, order.placing(), faults, call.now).await?;
    call.perform(case, |done| told::ok(done.value)).await
}
