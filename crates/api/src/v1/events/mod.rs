//! What happened.

pub(crate) mod get;
pub(crate) mod list;
mod stream;
