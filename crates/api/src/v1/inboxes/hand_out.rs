//! `POST /inboxes/{id}/access`

use app::access::HandOut;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use model::id::InboxId;
use model::view;

use super::handed::{Form, answer};
use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
use crate::v1::id::PathId;

/// Hand out how an inbox is logged in to
///
/// The app password that was sent for it, where one was. What a consent was given for is not handed out: it is worth nothing to
/// another application. Each call is put down in the operator's audit trail, and no answer is kept: an `Idempotency-Key` means
/// nothing here, and the same call again answers what is known then.
#[utoipa::path(post, path = "/inboxes/{id}/access", operation_id = "hand_out_inbox_access", tag = "Inboxes",
    params(("id" = String, Path, description = "The inbox's id.", example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0"),
        ("format" = inline(Option<Form>), Query, description = "`csv` answers a sheet (`text/csv`), as `Accept: text/csv` does.")),
    responses(
        (status = 201, description = "How it is logged in to.", content((Data<view::HandedAccess> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "`not_found`: no such inbox.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    PathId(id): PathId<InboxId>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    call: Call<Full>,
) -> Answer {
    let form = Form::wanted(query.as_deref(), &headers)?;
    let case = HandOut::of_inbox(&call.app, &call.caller.scope, &id).await?;
    answer(&call, case, form, |handed| handed.views().pop()).await
}
