//! Judges are other people's programs. One that is not installed is skipped and says so; where `CI=true` it fails the test.

use std::path::PathBuf;

use super::support::program;

/// Where a judge is; `None` where it is not installed, which only in CI is wrong.
pub(crate) fn judge(name: &str, package: &str) -> Option<PathBuf> {
    let found = program(name);
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
