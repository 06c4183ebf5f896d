//! Bundles.

mod change;
mod create;
mod remove;

pub use change::ChangeBundle;
pub use create::CreateBundle;
pub use remove::RemoveBundle;
