//! Others judge our name server: dig, kdig and drill read its answers, the tools of ldns compare its zones, and Knot answers
//! the same questions beside it. Each of them is shown junk too, which it has to refuse.
//!
//! A judge that is not installed is skipped and says so; where `CI=true` it fails the test.

#[path = "../support/mod.rs"]
mod support;

mod askers;
mod edns;
mod junk;
mod ours;
mod same;

use std::path::PathBuf;

/// Where a judge is; `None` where it is not installed, which only in CI is wrong.
fn judge(name: &str, package: &str) -> Option<PathBuf> {
    let found = support::program(name);
    if found.is_none() {
        assert!(!in_ci(), "{name} is not installed: apt-get install {package}");
        skipped(name, package);
    }
    found
}

#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
fn skipped(name: &str, package: &str) {
    eprintln!("skipped: {name} is not installed (apt-get install {package})");
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
