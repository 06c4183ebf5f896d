//! `GET /orders/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::OrderId;
use model::view;
use store::orders;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read an order
#[utoipa::path(get, path = "/orders/{id}", operation_id = "get_order", tag = "Orders",
    params(("id" = String, Path, description = "The order's id.", example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The order in full.", body = Data<view::Order>),
        (status = 404, description = "`not_found`: no such order.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<OrderId>) -> Answer {
    let mut db = app.store.read().await?;
    let found = orders::get(&mut db, &caller.scope, &id.0).await?;
    let order = found.ok_or_else(|| not_found("order", &id.0))?;
    let (order, domains, sums) = orders::in_full(&mut db, order).await?;
    Ok(answer::ok(view::Order::of_sums(&order, &domains, &sums)))
}
