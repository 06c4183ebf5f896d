//! `POST /bundles`

use std::sync::Arc;

use axum::extract::State;
use model::{bundle, view};

use super::body::NewBundle;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Full};

/// Create a bundle
///
/// Saves an order size. The answer says how many domains an order of this size needs for each provider.
#[utoipa::path(post, path = "/bundles", operation_id = "create_bundle", tag = "Bundles", request_body = NewBundle,
    responses((status = 201, description = "The new bundle.", body = Data<view::Bundle>)))]
pub(crate) async fn handler(caller: Caller<Full>, State(app): State<Arc<App>>, body: Payload) -> Answer {
    let terms = body.read(app.unknown(), NewBundle::read)?.terms();
    let sizing = app.rules.sizing;
    let decided = bundle::create(&caller.scope, terms, &sizing, caller.now, &app.ids)?;
    app.apply(decided.change, caller.now).await?;
    Ok(answer::created(view::Bundle::of(&decided.bundle, &sizing)))
}
