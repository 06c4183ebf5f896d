//! What a partner was told.

mod lost;

pub use lost::lost;
