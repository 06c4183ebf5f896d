//! What became of each event that was sent.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod redeliver;
