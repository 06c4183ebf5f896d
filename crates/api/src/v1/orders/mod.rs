//! Placing orders and following them.

mod body;
pub(crate) mod cancel;
pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod hand_out;
pub(crate) mod list;
pub(crate) mod pending;
pub(crate) mod persona;
pub(crate) mod quote;
pub(crate) mod sequencer;
mod size;
pub(crate) mod timeline;
pub(crate) mod undo_cancel;
mod wanted;
