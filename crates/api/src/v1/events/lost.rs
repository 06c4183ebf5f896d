//! Events to go on after that are not known.

use model::id::{EventId, Id as _, drawn_at};
use model::refusal::{Code, Fault, Refusal};
use model::world::Scope;
use serde_json::Value;
use store::{Db, StoreError, events};

/// The answer to somebody who wants to go on after an event that is not known. Whether there ever was such an event, or
/// whose it is, cannot be told, and is not.
pub(crate) async fn refusal(db: &mut Db, scope: &Scope, after: &EventId) -> Result<Refusal, StoreError> {
    if drawn_at(after).is_none() {
        return Ok(Fault::invalid(
            "after",
            format!("There is no event {after}. Send the id of the last event you have."),
        )
        .into());
    }
    let known = events::before(db, scope, after).await?;
    let go_on = match &known {
        Some(known) => format!("Go on after {known}: what was told later than {after} comes after it."),
        None => "Go on from the beginning.".to_owned(),
    };
    let message = format!(
        "This server does not know the event {after} any more: it was restored from a backup, or the sandbox was reset. {go_on}"
    );
    let go_on_after = known.map_or(Value::Null, |known| known.as_str().into());
    Ok(Fault::new(Code::CursorLost, message).at("after").with("go_on_after", go_on_after).into())
}
