//! `DELETE /bundles/{id}`

use crate::told;
use app::bundles::RemoveBundle;
use model::bundle::{Removed, Sizing};
use model::id::BundleId;
use model::view;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
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
pub(crate) async fn handler(PathId(id): PathId<BundleId>, call: Call<Full>) -> Answer {
    call.body.nothing(call.app.unknown())?;
    let sizing = call.app.rules.sizing;
    call.perform(RemoveBundle { id }, move |done| told::ok(shown(&done.value, &sizing))).await
}

fn shown(removed: &Removed, sizing: &Sizing) -> RemovedBundle {
    match removed {
        Removed::Archived(decided) => RemovedBundle::Archived(view::Bundle::of(&decided.bundle, sizing)),
        Removed::Gone(id, _) => RemovedBundle::Deleted(DeletedBundle { id: id.to_string(), status: Gone::Deleted }),
    }
}
