//! Where the web addresses of domains lead.

pub(crate) mod create;
pub(crate) mod get;
