//! Names that the customer has registered elsewhere.

mod start;

pub use start::StartImport;
