//! What the sandbox does: what each prefix of a name makes it do, and the rules that hold for every name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../support/until.rs"]
mod until;

mod farewells;
mod imports;
mod manners;
mod prefixes;
mod rules;
mod steps;
mod targets;
mod waits;
