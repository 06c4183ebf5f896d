//! What the sandbox does: what each prefix of a name makes it do, and the rules that hold for every name.

#[path = "../support/mod.rs"]
mod support;

mod prefixes;
mod rules;
mod steps;
