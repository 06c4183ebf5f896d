//! `PATCH /bundles/{id}`

use crate::told;
use app::bundles::ChangeBundle;
use model::id::BundleId;
use model::view;

use super::body::ChangedBundle;
use crate::answer::{Answer, Data};
use crate::call::Call;
use crate::caller::Full;
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
pub(crate) async fn handler(PathId(id): PathId<BundleId>, call: Call<Full>) -> Answer {
    let wish = call.body.read(call.app.unknown(), ChangedBundle::read)?.wish();
    let sizing = call.app.rules.sizing;
    let case = ChangeBundle { id, wish, sizing };
    call.perform(case, move |done| told::ok(view::Bundle::of(&done.value, &sizing))).await
}
