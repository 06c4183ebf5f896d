//! Servers of our own that strangers ask: they answer from what we know, and act on nothing.

pub mod dns;
mod door;
pub mod redirect;
