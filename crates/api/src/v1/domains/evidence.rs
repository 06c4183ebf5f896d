//! `GET /domains/{id}/evidence`

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use model::evidence::Which;
use model::id::DomainId;
use model::refusal::{Code, Fault};
use model::view;
use serde_json::Value;
use store::{domains, evidence};
use url::form_urlencoded;
use utoipa::IntoParams;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Which look is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `which` reads")]
pub(crate) struct Filter {
    /// The last look, or the one by which the domain was said to be connected; left out, the last one.
    which: Option<Which>,
}

/// Read what was seen of a domain
///
/// Every check with what it was judged by: who was asked, what they answered, and when. A domain is connected only when each check
/// has passed, or does not apply for the reason that stands there; from then on it is looked at daily. The answer is signed by this
/// installation: `mailwright verify` checks it without the server, with a key of `/.well-known/mailwright-keys.json`. It is
/// the signature of the object in `data` without its `signature`, in its canonical form (RFC 8785).
#[utoipa::path(get, path = "/domains/{id}/evidence", operation_id = "get_domain_evidence", tag = "Domains",
    params(("id" = String, Path, description = "The domain's id.", example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0"), Filter),
    responses(
        (status = 200, description = "What was seen.", body = Data<view::Evidence>),
        (status = 400, description = "`invalid_request`: `which` is neither.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such domain, or it was not looked at yet.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Read>,
    State(app): State<Arc<App>>,
    id: PathId<DomainId>,
    uri: OriginalUri,
) -> Answer {
    let which = which(uri.query().unwrap_or_default())?;
    let mut db = app.store.read().await?;
    let domain = domains::get(&mut db, &caller.scope, &id.0).await?.ok_or_else(|| not_found("domain", &id.0))?;
    let found = evidence::get(&mut db, &caller.scope, &domain.id, which).await?;
    let found = found.ok_or_else(|| {
        let message = format!("Nothing was seen of {} yet: it is looked at once everything is set up.", domain.name);
        Fault::new(Code::NotFound, message)
    })?;
    Ok(answer::ok(serde_json::from_str::<Value>(&found.document).unwrap_or_default()))
}

fn which(query: &str) -> Result<Which, Fault> {
    let sent = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "which").last();
    let Some((_, text)) = sent else { return Ok(Which::Latest) };
    Which::parse(&text).ok_or_else(|| Fault::invalid("which", "Send `latest` or `connected`, or leave it out."))
}
