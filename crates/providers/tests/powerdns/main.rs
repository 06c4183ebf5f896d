//! PowerDNS, the real one: a server of each test's own, with dig as a witness of what it serves, its own description as the
//! judge of what it is asked, and somebody in between who loses answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../servers/mod.rs"]
#[expect(dead_code, reason = "other tests need more servers")]
mod servers;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;

mod configured;
mod contract;
mod faults;
mod judge;
mod stage;
mod values;
