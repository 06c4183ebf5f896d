//! Names, before and after they are bought.

pub(crate) mod availability;
