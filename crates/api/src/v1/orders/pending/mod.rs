//! What waits for a person.

mod body;
pub(crate) mod list;
pub(crate) mod resolve;
