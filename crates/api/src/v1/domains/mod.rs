//! Names, before and after they are bought.

pub(crate) mod availability;
pub(crate) mod evidence;
pub(crate) mod get;
pub(crate) mod list;
