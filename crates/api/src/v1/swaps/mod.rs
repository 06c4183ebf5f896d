//! Other names for domains and for the inboxes on them.

mod body;
pub(crate) mod cancel;
pub(crate) mod create;
pub(crate) mod create_user_names;
pub(crate) mod get;
pub(crate) mod list;
