//! Microsoft's adapter: on its double, which remembers and fails as the vendor does, and before the vendor's own client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../support/mail.rs"]
mod mail;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "other tests need more of the sandbox")]
mod support;

mod account;
mod contract;
mod faults;
mod judged;
mod mailboxes;
mod signing;
mod stage;
mod weighed;
