//! Whole-server stories: the true program, with fakes only at the outer edge.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod branches;
mod cancelling;
mod crash;
mod golden;
mod judges;
mod one_order;
mod program;
mod renames;
mod repeats;
mod structure;
mod support;
mod swaps;
mod swaps_ended;
mod swaps_limited;
mod swaps_waiting;
mod webhooks;
