//! `GET /domains/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::id::DomainId;
use model::view;
use store::{domains, zones};

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::v1::id::PathId;
use app::not_found;

/// Read a domain
///
/// One that failed or was released too. With its zone: the records that we keep there, and those that it had before.
#[utoipa::path(get, path = "/domains/{id}", operation_id = "get_domain", tag = "Domains",
    params(("id" = String, Path, description = "The domain's id.", example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "The domain.", body = Data<view::Domain>),
        (status = 404, description = "`not_found`: no such domain.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, id: PathId<DomainId>) -> Answer {
    let mut db = app.store.read().await?;
    let found = domains::get(&mut db, &caller.scope, &id.0).await?;
    let domain = found.ok_or_else(|| not_found("domain", &id.0))?;
    let zone = zones::of_domain(&mut db, &domain.id).await?;
    Ok(answer::ok(view::Domain::of(&domain).with_zone(zone.as_ref())))
}
