//! What was charged.

pub(crate) mod list;
