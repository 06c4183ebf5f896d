//! `PATCH /bundles/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::bundle;
use model::id::BundleId;
use model::view;
use store::bundles;

use super::body::ChangedBundle;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
use crate::v1::id::PathId;

/// Change a bundle
///
/// Fields that are left out stay as they are. Orders that were placed with it do not change.
#[utoipa::path(patch, path = "/bundles/{id}", operation_id = "change_bundle", tag = "Bundles",
    params(("id" = String, Path, description = "The bundle's id.", example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body = ChangedBundle,
    responses(
        (status = 200, description = "The bundle as it is now.", body = Data<view::Bundle>),
        (status = 404, description = "`not_found`: no such bundle.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`bundle_archived`: it takes no new orders.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<BundleId>,
    body: Payload,
) -> Answer {
    let wish = body.read(app.unknown(), ChangedBundle::read)?.wish();
    let (sizing, ids, now) = (app.rules.sizing, app.ids.clone(), caller.now);
    let changed = app.store.write(move |tx| {
        let (scope, id, wish, ids) = (caller.scope.clone(), id.clone(), wish.clone(), ids.clone());
        Box::pin(async move {
            let bundle = bundles::lock(tx, &scope, &id).await?.ok_or_else(|| missing("bundle", &id))?;
            let decided = bundle::change(bundle, wish, &sizing)?;
            tx.apply(decided.change, &ids, now.server).await?;
            Ok(decided.bundle)
        })
    });
    Ok(answer::ok(view::Bundle::of(&changed.await?, &sizing)))
}
