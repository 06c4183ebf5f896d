//! The sandbox's clock and its end.

mod advance;
mod reset;

pub use advance::AdvanceClock;
pub use reset::ResetSandbox;
