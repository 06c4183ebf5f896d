//! Whole-server stories: the true program, with fakes only at the outer edge.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

#[macro_use]
mod support;

mod afternoon;
mod answers;
mod auditing;
mod bounded;
mod branches;
mod cancelling;
mod check_config;
mod clock_steps;
mod conformance;
mod crash;
mod data_folder;
mod dead_logs;
mod doctor;
mod doors;
mod drift;
mod endpoints;
mod finding;
mod following;
mod forwarding;
mod frozen;
mod golden;
mod guide_code;
mod guides;
mod housekeeping;
mod importing;
mod judges;
mod keys_kept;
mod ledger;
mod logins;
mod logs;
mod lost;
mod lost_future;
mod metrics;
mod odd_hours;
mod one_order;
mod one_year;
mod operator_listener;
mod operators;
mod ops;
mod outputs;
mod pending;
mod program;
mod readiness;
mod renames;
mod renewal_jump;
mod repeats;
mod sandbox;
mod spans;
mod spend;
mod standing;
mod structure;
mod swaps;
mod swaps_ended;
mod swaps_limited;
mod swaps_waiting;
mod taking_time;
mod timeline;
mod users;
mod walks;
mod webhooks;
mod witness;
