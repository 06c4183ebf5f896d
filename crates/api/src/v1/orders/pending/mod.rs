//! What waits for a person.

mod body;
mod by_hand;
pub(crate) mod list;
pub(crate) mod resolve;
mod signing;

pub use by_hand::made_by_hand;
