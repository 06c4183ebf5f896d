//! Whole-server stories: the true program, with fakes only at the outer edge.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod afternoon;
mod branches;
mod crash;
mod endpoints;
mod golden;
mod judges;
mod one_order;
mod program;
mod repeats;
mod structure;
mod support;
mod webhooks;
