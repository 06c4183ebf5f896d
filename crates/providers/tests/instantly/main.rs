//! Instantly's adapter: on its double, which remembers and fails as the vendor does. A client made from the vendor's own
//! description judges both: it drives the double, and its signatures weigh what the adapter sends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;

#[path = "../support/sequencing.rs"]
mod sequencing;

mod contract;
mod faults;
mod judged;
mod stage;
