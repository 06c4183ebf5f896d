//! Other names for domains and inboxes.

mod begin;
mod cancel;
mod placed;
mod rename;

pub use begin::{BeginSwap, Begun};
pub use cancel::CancelSwap;
pub use rename::{RenameInboxes, Renamed};
