//! `POST /bundles`

use super::body::NewBundle;
use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;
use crate::told;
use app::bundles::CreateBundle;
use model::view;

/// Create a bundle
///
/// Saves an order size. The answer says how many domains an order of this size needs for each provider.
#[utoipa::path(post, path = "/bundles", operation_id = "create_bundle", tag = "Bundles", request_body = NewBundle,
    responses((status = 201, description = "The new bundle.", body = Data<view::Bundle>)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let terms = call.body.read(call.app.unknown(), NewBundle::read)?.terms();
    let sizing = call.app.rules.sizing;
    let case = CreateBundle { terms, sizing };
    call.perform(case, move |done| told::created(view::Bundle::of(&done.value, &sizing))).await
}
