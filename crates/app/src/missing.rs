//! What is said of a thing that is not there.

use model::refusal::{Code, Fault, Refusal};
use model::shown::short;
use store::Halt;

/// There is no such record for this partner and environment.
#[must_use]
pub fn not_found(thing: &str, id: &impl std::fmt::Display) -> Fault {
    let id = id.to_string();
    Fault::new(
        Code::NotFound,
        format!("There is no {thing} {} in this environment. Check the id and the key.", short(&id)),
    )
}

/// The same, said from inside a transaction.
#[must_use]
pub fn missing(thing: &str, id: &impl std::fmt::Display) -> Halt {
    Refusal::from(not_found(thing, id)).into()
}
