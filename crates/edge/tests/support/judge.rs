//! Judges are other people's programs. One that is not installed is skipped and says so; where `CI=true` it fails the test.

use std::path::PathBuf;

use super::support::program;

/// Where a judge is; `None` where it is not installed, which only in CI is wrong.
pub(crate) fn judge(name: &str, package: &str) -> Option<PathBuf> {
    let found = program(name);
    if found.is_none() {
        missing(&format!("{name} is not installed (apt-get install {package})"));
    }
    found
}

/// Says what is missing, which only in CI is wrong.
#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
pub(crate) fn missing(what: &str) {
    assert!(!in_ci(), "{what}");
    eprintln!("skipped: {what}");
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
