//! The inboxes of orders.

pub(crate) mod get;
pub(crate) mod list;
