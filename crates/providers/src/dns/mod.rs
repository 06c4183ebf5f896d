//! What those share who speak DNS themselves: messages over TCP, and records as they go on the wire.

pub(crate) mod tcp;
pub(crate) mod values;
