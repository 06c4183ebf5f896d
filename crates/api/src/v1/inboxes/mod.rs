//! The inboxes of orders.

pub(crate) mod access;
pub(crate) mod get;
pub(crate) mod hand_out;
pub(crate) mod handed;
pub(crate) mod list;
