//! The key and its partner.

pub(crate) mod get;
