//! `DELETE /bundles/{id}`

use std::sync::Arc;

use axum::extract::State;
use model::bundle::{self, Removed, Sizing};
use model::id::BundleId;
use model::view;
use serde::Serialize;
use store::bundles;
use utoipa::ToSchema;

use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};
use crate::problem::missing;
use crate::v1::id::PathId;

/// A bundle that is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletedBundle {
    /// The id it had.
    #[schema(example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    id: String,
    /// That it is gone.
    status: Gone,
}

/// Always `deleted`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gone {
    /// It is.
    Deleted,
}

/// What became of the bundle: archived when it was used, deleted when it never was.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum RemovedBundle {
    /// It was used: it stays, and takes no new orders.
    Archived(view::Bundle),
    /// It was never used.
    Deleted(DeletedBundle),
}

/// Remove a bundle
///
/// A bundle that no order was ever placed with is deleted. One that was used is archived: it stays
/// readable and takes no new orders.
#[utoipa::path(delete, path = "/bundles/{id}", operation_id = "remove_bundle", tag = "Bundles",
    params(("id" = String, Path, description = "The bundle's id.", example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    responses(
        (status = 200, description = "What became of it.", body = Data<RemovedBundle>),
        (status = 404, description = "`not_found`: no such bundle.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<BundleId>,
    body: Payload,
) -> Answer {
    body.nothing(app.unknown())?;
    let (ids, now) = (app.ids.clone(), caller.now);
    let removed = app.store.write(move |tx| {
        let (scope, id, ids) = (caller.scope.clone(), id.clone(), ids.clone());
        Box::pin(async move {
            let bundle = bundles::lock(tx, &scope, &id).await?.ok_or_else(|| missing("bundle", &id))?;
            let used = bundles::is_used(tx, &scope, &id).await?;
            let removed = bundle::remove(bundle, used);
            tx.apply(removed.change().clone(), &ids, now.server).await?;
            Ok(removed)
        })
    });
    Ok(answer::ok(told(&removed.await?, &app.rules.sizing)))
}

fn told(removed: &Removed, sizing: &Sizing) -> RemovedBundle {
    match removed {
        Removed::Archived(decided) => RemovedBundle::Archived(view::Bundle::of(&decided.bundle, sizing)),
        Removed::Gone(id, _) => RemovedBundle::Deleted(DeletedBundle { id: id.to_string(), status: Gone::Deleted }),
    }
}
