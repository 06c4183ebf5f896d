//! `POST /orders/quote`

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use model::order::{Facts, Placing};
use model::view;
use store::{StoreError, orders, spend};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{RefBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::body::{NewOrder, Shape};
use super::create::to_be_bought;
use super::sequencer::QuotedSequencer;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Limited};
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
/// in its own body is checked, but its prices are not carried over.
#[utoipa::path(post, path = "/orders/quote", operation_id = "quote_order", tag = "Orders", request_body = QuotedOrder,
    responses(
        (status = 200, description = "The quote, also when the order would be refused.", body = Data<view::Quote>),
        (status = 400, description = "`invalid_request` or `order_shape_conflict`.", body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Limited>, State(app): State<Arc<App>>, body: Payload) -> Answer {
    let shape = Shape { complete: false, loopback: app.lets_in_loopback(caller.environment) };
    let (order, faults) = body.read_leniently(app.unknown(), |fields| NewOrder::read(fields, shape))?;
    let placing = order.placing();
    let (scope, now) = (&caller.scope, caller.now);
    let facts = gather(&app, &caller, &placing).await?;
    let answers = app.catalog.browse(&scope.world, &to_be_bought(&placing, &facts), now.partner()).await?;
    let quoted = model::quote::quote(scope, &placing, faults, &facts, &answers, &app.rules, now, &app.ids);
    app.apply(quoted.change, now).await?;
    Ok(answer::ok(quoted.view))
}

async fn gather(app: &App, caller: &Caller<Limited>, placing: &Placing) -> Result<Facts, StoreError> {
    let mut db = app.store.read().await?;
    let facts = orders::facts_for_placing(&mut db, &caller.scope, placing).await?;
    let allowances = spend::look(&mut db, &caller.scope, Some(&caller.key), caller.now.partner()).await?;
    Ok(Facts { allowances, ..facts })
}
