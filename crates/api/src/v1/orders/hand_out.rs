//! `POST /orders/{id}/access`

use app::access::HandOut;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use model::id::OrderId;
use model::view;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
use crate::v1::id::PathId;
use crate::v1::inboxes::handed::{Form, answer};

/// How the inboxes of an order are logged in to.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderAccess {
    /// The inboxes that are not deleted, domain after domain.
    inboxes: Vec<view::HandedAccess>,
}

/// Hand out how an order's inboxes are logged in to
///
/// The app passwords that were sent for them; those of which none is known say why, and where to send it. Each call is put down in
/// the operator's audit trail, and no answer is kept: an `Idempotency-Key` means nothing here.
#[utoipa::path(post, path = "/orders/{id}/access", operation_id = "hand_out_order_access", tag = "Orders",
    params(("id" = String, Path, description = "The order's id.", example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0"),
        ("format" = inline(Option<Form>), Query, description = "`csv` answers a sheet (`text/csv`), as `Accept: text/csv` does.")),
    responses(
        (status = 201, description = "How they are logged in to.", content((Data<OrderAccess> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "`not_found`: no such order.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    PathId(id): PathId<OrderId>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    call: Call<Full>,
) -> Answer {
    let form = Form::wanted(query.as_deref(), &headers)?;
    let case = HandOut::of_order(&call.app, &call.caller.scope, &id).await?;
    answer(&call, case, form, |handed| OrderAccess { inboxes: handed.views() }).await
}
