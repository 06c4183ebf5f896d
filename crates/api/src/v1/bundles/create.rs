//! `POST /bundles`

use model::{bundle, view};

use super::body::NewBundle;
use crate::answer::{Answer, Data};
use crate::call::Once;
use crate::caller::Full;

/// Create a bundle
///
/// Saves an order size. The answer says how many domains an order of this size needs for each provider.
#[utoipa::path(post, path = "/bundles", operation_id = "create_bundle", tag = "Bundles", request_body = NewBundle,
    responses((status = 201, description = "The new bundle.", body = Data<view::Bundle>)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let terms = call.body.read(call.app.unknown(), NewBundle::read)?.terms();
    let sizing = call.app.rules.sizing;
    call.write(move |tx, caller| {
        let terms = terms.clone();
        Box::pin(async move {
            let present = caller.renew(tx).await?;
            let decided = bundle::create(&present.scope, terms, &sizing, present.now, &present.ids)?;
            present.apply(tx, decided.change).await?;
            Ok(present.created(view::Bundle::of(&decided.bundle, &sizing)))
        })
    })
    .await
}
