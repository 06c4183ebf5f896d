//! Smartlead's adapter: on its double, which remembers and fails as the vendor does, with what is known of its interface as the
//! judge of both. Nobody has published what it has really answered.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;

#[path = "../support/judge.rs"]
#[expect(dead_code, reason = "other vendors' descriptions leave out more")]
mod judge;

#[path = "../support/sequencing.rs"]
mod sequencing;

mod contract;
mod faults;
mod judged;
mod keys;
mod lists;
mod mending;
mod rates;
mod stage;
