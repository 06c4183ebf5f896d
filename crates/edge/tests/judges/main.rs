//! Others judge our name server: dig, kdig and drill read its answers, the tools of ldns compare its zones, and Knot answers
//! the same questions beside it; Knot and BIND are secondaries of it. Each of them is shown junk too, which it has to refuse.
//!
//! A judge that is not installed is skipped and says so; where `CI=true` it fails the test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/judge.rs"]
mod judge;
#[path = "../support/knot.rs"]
mod knot;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/zone_file.rs"]
mod zone_file;

mod above;
mod askers;
mod edns;
mod junk;
mod namespace;
mod ours;
mod same;
mod secondaries;
mod transfers;
mod walk;
mod zonemaster;

use judge::judge;
