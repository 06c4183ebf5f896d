//! Where web addresses lead.

mod start;

pub use start::StartForwarding;
