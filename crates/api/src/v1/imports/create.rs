//! `POST /domains/import`

use app::BEGUN;
use axum::http::StatusCode;
use model::view;

use super::body::{NewImport, NewJob};
use super::{start, watch};
use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;
use crate::repeat::respond;

/// The most names of one call.
const MOST: usize = 25;

/// Import names
///
/// Takes over up to 25 names that your customer has registered elsewhere. The answer comes when each has a DNS zone
/// or has failed, after 20 seconds at the latest: `nameserver_groups` says which nameservers your customer has to set
/// for which names. They are looked for every minute from then on; what is found goes into your inventory, from where
/// an order takes it without a registration charge. After a day without them `domain_import.action_required` is told,
/// and looking goes on.
///
/// The same set of names answers with its job while that is open and for 24 hours after.
#[utoipa::path(post, path = "/domains/import", operation_id = "import_domains", tag = "Imports",
    request_body = NewImport,
    responses(
        (status = 200, description = "The job as it is now.", body = Data<view::Import>),
        (status = 429, description = "`rate_limited`: too many requests; wait `details.retry_after_seconds`. In the \
            live environment also with `details.reason: \"cloudflare_account_capacity\"`, when the DNS host takes no \
            more zones for now: import in the background, or send the same names again later.",
            body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no DNS host in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let wanted = call.body.read(call.app.unknown(), |fields| NewJob::read(fields, MOST))?;
    // A repeat of a call that is still watching watches too.
    let reply = start(&call, wanted, StatusCode::PROCESSING).await?;
    if reply.status != BEGUN {
        return Ok(respond(reply));
    }
    let job = watch(&call, &reply).await?;
    call.complete(&reply, job).await
}
