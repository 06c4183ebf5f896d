//! Cloudflare's adapter: on its double, which remembers and fails as the vendor does; on what the vendor has really said; and
//! before the vendor's own client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;
#[path = "../support/until.rs"]
mod until;

mod account;
mod contract;
mod faults;
mod judged;
mod orders;
mod recorded;
mod redirects;
mod renewals;
mod stage;
mod zones;
