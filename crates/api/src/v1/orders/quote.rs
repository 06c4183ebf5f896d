//! `POST /orders/quote`

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use model::view;
use store::orders;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::body::{NewOrder, Shape};
use super::create::to_be_bought;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Limited};
use crate::openapi::requiring;

/// The body of an order, of which only the size and the names are needed.
pub(crate) struct QuotedOrder;

impl PartialSchema for QuotedOrder {
    fn schema() -> RefOr<Schema> {
        requiring(NewOrder::schema(), &["domains"], NEEDED)
    }
}

impl ToSchema for QuotedOrder {
    fn name() -> Cow<'static, str> {
        "QuotedOrder".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        NewOrder::schemas(schemas);
    }
}

const NEEDED: &str = "The body of an order. Only the size and the names are needed; what else is sent is checked too.";

/// Quote an order
///
/// Says what an order would cost, which name would go to which provider, and every error that it
/// would get now. Nothing is bought or held. Only a body without size or names is refused.
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
    let facts = orders::facts_for_placing(&mut app.store.read().await?, scope, &placing).await?;
    let answers = app.catalog.browse(&scope.world, &to_be_bought(&placing, &facts), now.partner()).await?;
    let quoted = model::quote::quote(scope, &placing, faults, &facts, &answers, &app.rules, now, &app.ids);
    app.apply(quoted.change, now).await?;
    Ok(answer::ok(quoted.view))
}
