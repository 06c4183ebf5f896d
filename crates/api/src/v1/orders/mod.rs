//! Placing orders and following them.

mod body;
pub(crate) mod create;
pub(crate) mod get;
mod idempotency;
pub(crate) mod list;
mod persona;
pub(crate) mod quote;
pub(crate) mod sequencer;
mod size;
mod wanted;
