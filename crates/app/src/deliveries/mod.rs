//! Events on their way to an endpoint.

mod redeliver;

pub use redeliver::Redeliver;
