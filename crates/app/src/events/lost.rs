//! Events to go on after that are not known.

use model::id::{EventId, Id as _, drawn_at};
use model::refusal::{Code, Fault, Refusal};
use model::shown::short;
use model::world::Scope;
use serde_json::Value;
use store::{Db, StoreError, events};

/// The answer to somebody who wants to go on after an event that is not known. Whether there ever was such an event, or
/// whose it is, cannot be told, and is not.
///
/// # Errors
/// When it cannot be looked for.
pub async fn lost(db: &mut Db, scope: &Scope, after: &EventId) -> Result<Refusal, StoreError> {
    let is_an_id = drawn_at(after).is_some();
    let lost = after;
    let after = short(after.as_str());
    if !is_an_id {
        let message = format!("There is no event {after}. Send the id of the last event you have.");
        return Ok(Fault::invalid("after", message).into());
    }
    let known = events::before(db, scope, lost).await?;
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
