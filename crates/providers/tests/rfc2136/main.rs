//! Servers that take signed updates, the real ones: Knot and BIND, each with zones of a test's own and dig as the witness of what
//! they serve.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../servers/mod.rs"]
#[expect(dead_code, reason = "other tests need more servers")]
mod servers;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;

mod contract;
mod faults;
mod races;
mod sentences;
mod stage;
