//! The sandbox keeps the contract of the roles, whatever its names make of it, on both of its databases and in
//! several processes at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../../../store/tests/support/postgres.rs"]
mod throw_away;
#[path = "../support/until.rs"]
mod until;

mod contract;
mod forgetting;
mod postgres;
mod processes;
