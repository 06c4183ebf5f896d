//! `POST /orders/{id}/cancel`

use crate::told;
use app::orders::CancelOrder;
use model::id::OrderId;
use model::view;
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::body::{Fields, Unknown};
use crate::call::Once;
use crate::caller::Full;
use crate::v1::id::PathId;

/// What is cancelled. An empty body is the whole order.
#[derive(ToSchema)]
pub(crate) struct NewCancellation {
    /// Ids or names of the domains that leave; without it, all of them.
    #[schema(min_items = 1, max_items = 500, example = json!(["acme-mail.com"]))]
    domains: Option<Vec<String>>,
    /// Accepted and ignored: an older version sent `"order"`.
    #[schema(max_length = 40, example = "order")]
    #[expect(dead_code, reason = "described, not read")]
    scope: Option<String>,
}

impl NewCancellation {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        fields.optional("scope", |spot| spot.text(0..=40));
        let (present, given) = (fields.present("domains"), fields.given("domains"));
        if present && !given {
            return fields.refuse("domains", "Send ids or names, or leave the field out to cancel the whole order.");
        }
        let domains =
            fields.optional("domains", |spot| spot.list(1..=500, |one| one.text(1..=300).map(ToOwned::to_owned)));
        (domains.is_some() || !given).then_some(Self { domains, scope: None })
    }
}

/// Cancel an order
///
/// The whole order, or some of its domains, to the end of the paid period: until then everything works on. What has
/// not worked yet stops at its next step; a name that was not bought yet never is, and is credited. Asking twice
/// answers the same.
#[utoipa::path(post, path = "/orders/{id}/cancel", operation_id = "cancel_order", tag = "Orders",
    params(("id" = String, Path, description = "The order's id.", example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body(content = Option<NewCancellation>, description = "Empty for the whole order."),
    responses(
        (status = 200, description = "What leaves, and when.", body = Data<view::Cancelled>),
        (status = 404, description = "`not_found`: no such order, or no such domain in it; `field` says which.",
            body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: the order has ended (`order_failed`, `order_cancelled`), or a domain \
            has left it (`not_live`) or is still being made to take another's place (`in_a_swap`).", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<OrderId>, Once(call): Once<Full>) -> Answer {
    let domains = call.body.read(Unknown::Refused, NewCancellation::read)?.domains;
    call.perform(CancelOrder { id, domains }, |done| told::ok(done.value)).await
}
