//! Porkbun's adapter: on its double, which remembers and fails as the vendor does, with the vendor's own description as the
//! judge of both, and on what the vendor has really said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;
#[path = "../support/until.rs"]
mod until;

#[path = "../support/judge.rs"]
mod judge;

#[path = "../support/vendor_data.rs"]
mod vendor_data;

mod contract;
mod faults;
mod judged;
mod money;
mod rates;
mod recorded;
mod stage;
