//! What happened.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod lost;
mod stream;
