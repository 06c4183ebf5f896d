//! Others judge our redirect server: Pebble makes its certificates, curl and openssl come as strangers.
//!
//! A judge that is not installed is skipped and says so; where `CI=true` it fails the test.

#[path = "../support/judge.rs"]
mod judge;
#[path = "../support/mod.rs"]
mod support;

mod certificates;
mod memory;
mod pebble;
mod processes;
mod rig;
mod strangers;
