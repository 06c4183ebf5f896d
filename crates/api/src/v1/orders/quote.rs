//! `POST /orders/quote`

use std::borrow::Cow;
use std::sync::Arc;

use model::change::Change;
use model::order::{Facts, Placing};
use model::quote::make_room;
use model::refusal::Refusal;
use model::view;
use store::{StoreError, orders, quotes, spend};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{RefBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::body::{NewOrder, Shape};
use super::create::to_be_bought;
use super::sequencer::QuotedSequencer;
use crate::answer::{Answer, Data};
use crate::call::{Call, Once};
use crate::caller::Limited;
use crate::openapi::requiring;

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
    let (app, caller) = (&call.app, &call.caller);
    let shape = Shape { complete: false, loopback: app.lets_in_loopback(caller.environment) };
    let (order, faults) = call.body.read_leniently(app.unknown(), |fields| NewOrder::read(fields, shape))?;
    let placing = order.placing();
    let facts = gather(&call, &placing).await?;
    let names = to_be_bought(&placing, &facts);
    let answers = app.catalog.browse(&caller.scope.world, &names, call.now.partner()).await?;
    let (rules, asked) = (app.rules, Arc::new((placing, faults, facts, answers)));
    call.write(move |tx, caller| {
        let asked = asked.clone();
        Box::pin(async move {
            let present = caller.renew(tx).await?;
            let (placing, faults, facts, answers) = &*asked;
            let (scope, now, faults) = (&present.scope, present.now, faults.clone());
            let in_the_way = quotes::in_the_way(tx, scope, &caller.key).await?;
            let give_way = make_room(&in_the_way, now.partner()).map_err(Refusal::from)?;
            let quoted = model::quote::quote(scope, placing, faults, facts, answers, &rules, now, &present.ids);
            present.apply(tx, Change { quotes_removed: give_way, ..quoted.change }).await?;
            Ok(present.ok(quoted.view))
        })
    })
    .await
}

async fn gather(call: &Call<Limited>, placing: &Placing) -> Result<Facts, StoreError> {
    let (mut db, caller) = (call.app.store.read().await?, &call.caller);
    let facts = orders::facts_for_placing(&mut db, &caller.scope, placing).await?;
    let allowances = spend::look(&mut db, &caller.scope, Some(&caller.key), call.now.partner()).await?;
    Ok(Facts { placed_with: Some(caller.key.clone()), allowances, ..facts })
}
