//! Orders.

mod cancel;
mod locked;
mod place;
mod quote;
mod undo_cancel;

pub use cancel::CancelOrder;
pub(crate) use locked::in_full;
pub use place::PlaceOrder;
pub use quote::QuoteOrder;
pub use undo_cancel::UndoCancel;
