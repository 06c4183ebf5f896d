//! DNSimple's adapter: on its double, which remembers and fails as the vendor does, and on what the vendor has really said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;
#[path = "../support/until.rs"]
mod until;

#[path = "../support/vendor_data.rs"]
#[expect(dead_code, reason = "other vendors' answers were kept in another form")]
mod vendor_data;

mod contract;
mod faults;
mod recorded;
mod stage;
